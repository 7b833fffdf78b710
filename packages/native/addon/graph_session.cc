// graph_session.node: a TensorFlow graph and its session for Node, over TensorFlow's C API and Node-API only.
//
// A session holds one graph that only grows: every step imported into it finds the variables of the others, by their shared name.
// A plan is a resolved choice of feeds, fetches and targets, so that running it looks no names up.
//
// JavaScript sees (session.ts gives these their types):
//   version() -> string
//   newSession(config?: Uint8Array) -> session      config: a serialised ConfigProto
//   importGraph(session, graphDef: Uint8Array, prefix)
//   devices(session) -> string[]
//   plan(session, feeds: string[], fetches: string[], targets: string[]) -> plan
//   run(plan, feeds) -> tensors                     a tensor: { dtype, shape, data }
//   runAsync(plan, feeds, runOptions?) -> Promise   runOptions: a serialised RunOptions; its metadata is a property of the result
//   close(session)
//   infer(graphDef: Uint8Array, node) -> outputs    an output: { dtype, shape }, where shape is null if it depends on values

#include <node_api.h>

#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "tensorflow/c/c_api.h"

namespace {

// ---- What JavaScript holds -------------------------------------------------------------------------------------------------

struct Status {
  TF_Status* raw = TF_NewStatus();
  Status() = default;
  Status(const Status&) = delete;
  ~Status() { TF_DeleteStatus(raw); }
  bool ok() const { return TF_GetCode(raw) == TF_OK; }
  std::string message() const { return "[" + std::to_string(TF_GetCode(raw)) + "] " + TF_Message(raw); }
};

struct Session {
  TF_Graph* graph = TF_NewGraph();
  TF_Session* raw = nullptr;
  int running = 0;  // Changed on JavaScript's thread only.

  Session() = default;
  Session(const Session&) = delete;
  ~Session() { close(); }

  bool closed() const { return graph == nullptr; }

  void close() {
    Status status;
    if (raw != nullptr) {
      TF_CloseSession(raw, status.raw);
      TF_DeleteSession(raw, status.raw);
    }
    if (graph != nullptr) TF_DeleteGraph(graph);
    raw = nullptr;
    graph = nullptr;
  }
};

struct Plan {
  std::shared_ptr<Session> session;
  std::vector<TF_Output> feeds, fetches;
  std::vector<const TF_Operation*> targets;
};

// One run: owns everything TensorFlow reads and writes meanwhile.
struct Job {
  const Plan& plan;
  std::vector<TF_Tensor*> feeds, fetched;
  TF_Buffer* options = nullptr;
  TF_Buffer* metadata = nullptr;
  Status status;

  explicit Job(const Plan& plan) : plan(plan), fetched(plan.fetches.size(), nullptr) {}
  Job(const Job&) = delete;
  ~Job() {
    for (TF_Tensor* tensor : feeds) TF_DeleteTensor(tensor);
    for (TF_Tensor* tensor : fetched)
      if (tensor != nullptr) TF_DeleteTensor(tensor);
    if (options != nullptr) TF_DeleteBuffer(options);
    if (metadata != nullptr) TF_DeleteBuffer(metadata);
  }

  void run() {
    TF_SessionRun(plan.session->raw, options, plan.feeds.data(), feeds.data(), static_cast<int>(feeds.size()), plan.fetches.data(),
                  fetched.data(), static_cast<int>(fetched.size()), plan.targets.data(), static_cast<int>(plan.targets.size()),
                  metadata, status.raw);
  }
};

// A job that runs on one of Node's worker threads, and the promise it settles.
struct AsyncJob : Job {
  napi_deferred deferred = nullptr;
  napi_async_work work = nullptr;
  napi_ref plan_in_use = nullptr;
  using Job::Job;
};

// ---- Between JavaScript and C++ --------------------------------------------------------------------------------------------

constexpr char kTensorFlow[] = "TENSORFLOW", kUsage[] = "USAGE", kBusy[] = "BUSY", kClosed[] = "CLOSED";

napi_value fail(napi_env env, const char* code, const std::string& message) {
  napi_throw_error(env, code, message.c_str());
  return nullptr;
}

// Throws what Node-API reports, unless an exception is pending already, and leaves the enclosing function.
#define CHECK(call)                                                                                            \
  do {                                                                                                         \
    if ((call) != napi_ok) {                                                                                   \
      const napi_extended_error_info* error_ = nullptr;                                                        \
      napi_get_last_error_info(env, &error_);                                                                  \
      bool pending_ = false;                                                                                   \
      napi_is_exception_pending(env, &pending_);                                                               \
      if (!pending_) napi_throw_error(env, kUsage, error_ && error_->error_message ? error_->error_message : #call); \
      return {};                                                                                               \
    }                                                                                                          \
  } while (0)

template <size_t N>
struct Arguments {
  napi_value at[N] = {};
  bool ok;
  Arguments(napi_env env, napi_callback_info info) {
    size_t count = N;  // Those that are not given are filled with undefined.
    ok = napi_get_cb_info(env, info, &count, at, nullptr, nullptr) == napi_ok;
  }
};

struct Bytes {
  void* data = nullptr;
  size_t length = 0;
};

// The bytes of a typed array; false for anything else.
bool bytes_of(napi_env env, napi_value value, Bytes* bytes) {
  bool is_typed_array = false;
  if (napi_is_typedarray(env, value, &is_typed_array) != napi_ok || !is_typed_array) return false;
  static constexpr size_t kWidths[] = {1, 1, 1, 2, 2, 4, 4, 4, 8, 8, 8};
  napi_typedarray_type type;
  size_t elements = 0;
  if (napi_get_typedarray_info(env, value, &type, &elements, &bytes->data, nullptr, nullptr) != napi_ok) return false;
  if (static_cast<size_t>(type) >= sizeof(kWidths) / sizeof(kWidths[0])) return false;
  bytes->length = elements * kWidths[type];
  return true;
}

std::string string_of(napi_env env, napi_value value) {
  size_t length = 0;
  if (napi_get_value_string_utf8(env, value, nullptr, 0, &length) != napi_ok) return {};
  std::string text(length, '\0');
  napi_get_value_string_utf8(env, value, &text[0], length + 1, &length);
  return text;
}

template <class T>
T* held_by(napi_env env, napi_value value) {
  napi_valuetype type;
  void* held = nullptr;
  if (napi_typeof(env, value, &type) != napi_ok || type != napi_external) return nullptr;
  napi_get_value_external(env, value, &held);
  return static_cast<T*>(held);
}

template <class T>
napi_value hold(napi_env env, T* value) {
  napi_value external;
  const auto release = [](napi_env, void* held, void*) { delete static_cast<T*>(held); };
  if (napi_create_external(env, value, release, nullptr, &external) != napi_ok) {
    delete value;
    return fail(env, kUsage, "no room for another object");
  }
  return external;
}

napi_value number(napi_env env, int64_t value) {
  napi_value result = nullptr;
  napi_create_int64(env, value, &result);
  return result;
}

napi_value buffer_with(napi_env env, const void* data, size_t length) {
  void* copy = nullptr;
  napi_value buffer;
  CHECK(napi_create_arraybuffer(env, length, &copy, &buffer));
  if (length > 0) std::memcpy(copy, data, length);
  return buffer;
}

// An open session, or null and a pending exception.
std::shared_ptr<Session> open_session(napi_env env, napi_value value) {
  auto* session = held_by<std::shared_ptr<Session>>(env, value);
  if (session == nullptr) fail(env, kUsage, "this is not a session");
  else if ((*session)->closed()) fail(env, kClosed, "the session is closed");
  else return *session;
  return nullptr;
}

// ---- Tensors ---------------------------------------------------------------------------------------------------------------

// Fed values are copied: TensorFlow never aliases memory of JavaScript, and a variable may be initialised by what was fed.
TF_Tensor* tensor_from(napi_env env, napi_value feed, size_t position) {
  const std::string where = "feed " + std::to_string(position) + ": ";
  napi_value property;
  int32_t dtype = 0;
  CHECK(napi_get_named_property(env, feed, "dtype", &property));
  CHECK(napi_get_value_int32(env, property, &dtype));
  uint32_t rank = 0;
  napi_value shape;
  CHECK(napi_get_named_property(env, feed, "shape", &shape));
  CHECK(napi_get_array_length(env, shape, &rank));
  std::vector<int64_t> dims(rank);
  size_t elements = 1;
  for (uint32_t axis = 0; axis < rank; axis++) {
    napi_value size;
    CHECK(napi_get_element(env, shape, axis, &size));
    CHECK(napi_get_value_int64(env, size, &dims[axis]));
    if (dims[axis] < 0) {
      fail(env, kUsage, where + "a size is negative");
      return nullptr;
    }
    elements *= static_cast<size_t>(dims[axis]);
  }
  Bytes bytes;
  CHECK(napi_get_named_property(env, feed, "data", &property));
  const size_t width = TF_DataTypeSize(static_cast<TF_DataType>(dtype));
  if (width == 0) fail(env, kUsage, where + "dtype " + std::to_string(dtype) + " cannot be fed");
  else if (!bytes_of(env, property, &bytes)) fail(env, kUsage, where + "its data is not a typed array");
  else if (bytes.length != elements * width)
    fail(env, kUsage, where + std::to_string(bytes.length) + " bytes are given for " + std::to_string(elements) + " elements of " + std::to_string(width));
  else {
    TF_Tensor* tensor = TF_AllocateTensor(static_cast<TF_DataType>(dtype), dims.data(), static_cast<int>(rank), bytes.length);
    if (bytes.length > 0) std::memcpy(TF_TensorData(tensor), bytes.data, bytes.length);
    return tensor;
  }
  return nullptr;
}

napi_value to_javascript(napi_env env, const TF_Tensor* tensor) {
  napi_value result, shape, data;
  CHECK(napi_create_object(env, &result));
  CHECK(napi_set_named_property(env, result, "dtype", number(env, TF_TensorType(tensor))));
  CHECK(napi_create_array(env, &shape));
  for (int axis = 0; axis < TF_NumDims(tensor); axis++) CHECK(napi_set_element(env, shape, axis, number(env, TF_Dim(tensor, axis))));
  CHECK(napi_set_named_property(env, result, "shape", shape));
  napi_typedarray_type type = napi_uint8_array;
  size_t width = 1;
  switch (TF_TensorType(tensor)) {
    case TF_FLOAT: type = napi_float32_array; width = 4; break;
    case TF_INT32: type = napi_int32_array; width = 4; break;
    case TF_DOUBLE: type = napi_float64_array; width = 8; break;
    case TF_INT64: type = napi_bigint64_array; width = 8; break;
    default: break;
  }
  const size_t length = TF_TensorByteSize(tensor);
  napi_value buffer = buffer_with(env, TF_TensorData(tensor), length);
  if (buffer == nullptr) return nullptr;
  CHECK(napi_create_typedarray(env, type, length / width, buffer, 0, &data));
  CHECK(napi_set_named_property(env, result, "data", data));
  return result;
}

// ---- Running ---------------------------------------------------------------------------------------------------------------

const Plan* runnable(napi_env env, napi_value value) {
  const Plan* plan = held_by<Plan>(env, value);
  if (plan == nullptr) fail(env, kUsage, "this is not a plan");
  else if (plan->session->closed()) fail(env, kClosed, "the session is closed");
  else return plan;
  return nullptr;
}

// False with a pending exception where the feeds are not what the plan wants.
bool feed(napi_env env, Job* job, napi_value feeds) {
  uint32_t count = 0;
  CHECK(napi_get_array_length(env, feeds, &count));
  const size_t wanted = job->plan.feeds.size();
  if (count != wanted) {
    fail(env, kUsage, "the plan wants " + std::to_string(wanted) + " feeds but gets " + std::to_string(count));
    return false;
  }
  for (uint32_t position = 0; position < count; position++) {
    napi_value value;
    CHECK(napi_get_element(env, feeds, position, &value));
    TF_Tensor* tensor = tensor_from(env, value, position);
    if (tensor == nullptr) return false;
    job->feeds.push_back(tensor);
  }
  return true;
}

napi_value fetched_by(napi_env env, const Job& job) {
  napi_value results;
  CHECK(napi_create_array_with_length(env, job.fetched.size(), &results));
  for (size_t position = 0; position < job.fetched.size(); position++) {
    napi_value tensor = to_javascript(env, job.fetched[position]);
    if (tensor == nullptr) return nullptr;
    CHECK(napi_set_element(env, results, static_cast<uint32_t>(position), tensor));
  }
  if (job.metadata != nullptr) {
    napi_value buffer = buffer_with(env, job.metadata->data, job.metadata->length), metadata;
    if (buffer == nullptr) return nullptr;
    CHECK(napi_create_typedarray(env, napi_uint8_array, job.metadata->length, buffer, 0, &metadata));
    CHECK(napi_set_named_property(env, results, "metadata", metadata));
  }
  return results;
}

napi_value run(napi_env env, napi_callback_info info) {
  Arguments<2> given(env, info);
  const Plan* plan = given.ok ? runnable(env, given.at[0]) : nullptr;
  if (plan == nullptr) return nullptr;
  Job job(*plan);
  if (!feed(env, &job, given.at[1])) return nullptr;
  job.run();
  return job.status.ok() ? fetched_by(env, job) : fail(env, kTensorFlow, job.status.message());
}

// On JavaScript's thread, after the run.
void settle(napi_env env, napi_status, void* data) {
  std::unique_ptr<AsyncJob> job(static_cast<AsyncJob*>(data));
  job->plan.session->running--;
  napi_value result = job->status.ok() ? fetched_by(env, *job) : fail(env, kTensorFlow, job->status.message());
  napi_value error;
  bool failed = false;
  napi_is_exception_pending(env, &failed);
  if (failed && napi_get_and_clear_last_exception(env, &error) == napi_ok) napi_reject_deferred(env, job->deferred, error);
  else napi_resolve_deferred(env, job->deferred, result);
  napi_delete_reference(env, job->plan_in_use);
  napi_delete_async_work(env, job->work);
}

napi_value run_async(napi_env env, napi_callback_info info) {
  Arguments<3> given(env, info);
  const Plan* plan = given.ok ? runnable(env, given.at[0]) : nullptr;
  if (plan == nullptr) return nullptr;
  auto job = std::make_unique<AsyncJob>(*plan);
  if (!feed(env, job.get(), given.at[1])) return nullptr;
  Bytes options;
  if (bytes_of(env, given.at[2], &options)) {
    job->options = TF_NewBufferFromString(options.data, options.length);
    job->metadata = TF_NewBuffer();
  }
  napi_value promise, name;
  CHECK(napi_create_string_utf8(env, "tensorflow", NAPI_AUTO_LENGTH, &name));
  const auto execute = [](napi_env, void* data) { static_cast<AsyncJob*>(data)->run(); };
  CHECK(napi_create_async_work(env, nullptr, name, execute, settle, job.get(), &job->work));
  CHECK(napi_create_reference(env, given.at[0], 1, &job->plan_in_use));
  CHECK(napi_create_promise(env, &job->deferred, &promise));
  CHECK(napi_queue_async_work(env, job->work));
  job.release()->plan.session->running++;  // settle() takes it over.
  return promise;
}

// ---- Sessions --------------------------------------------------------------------------------------------------------------

napi_value version(napi_env env, napi_callback_info) {
  napi_value text;
  CHECK(napi_create_string_utf8(env, TF_Version(), NAPI_AUTO_LENGTH, &text));
  return text;
}

napi_value new_session(napi_env env, napi_callback_info info) {
  Arguments<1> given(env, info);
  auto session = std::make_shared<Session>();
  Status status;
  Bytes config;
  TF_SessionOptions* options = TF_NewSessionOptions();
  if (bytes_of(env, given.at[0], &config) && config.length > 0) TF_SetConfig(options, config.data, config.length, status.raw);
  if (status.ok()) session->raw = TF_NewSession(session->graph, options, status.raw);
  TF_DeleteSessionOptions(options);
  if (!status.ok()) return fail(env, kTensorFlow, status.message());
  return hold(env, new std::shared_ptr<Session>(session));
}

napi_value close_session(napi_env env, napi_callback_info info) {
  Arguments<1> given(env, info);
  auto* session = held_by<std::shared_ptr<Session>>(env, given.at[0]);
  if (session == nullptr) return fail(env, kUsage, "this is not a session");
  if ((*session)->running > 0) return fail(env, kBusy, "the session is running");
  (*session)->close();
  return nullptr;
}

// False with a pending exception where TensorFlow refuses the nodes.
bool import_into(napi_env env, TF_Graph* graph, napi_value nodes, const std::string& prefix) {
  Bytes bytes;
  if (!bytes_of(env, nodes, &bytes)) {
    fail(env, kUsage, "a graph is a Uint8Array");
    return false;
  }
  Status status;
  TF_Buffer* buffer = TF_NewBufferFromString(bytes.data, bytes.length);
  TF_ImportGraphDefOptions* options = TF_NewImportGraphDefOptions();
  if (!prefix.empty()) TF_ImportGraphDefOptionsSetPrefix(options, prefix.c_str());
  TF_GraphImportGraphDef(graph, buffer, options, status.raw);
  TF_DeleteImportGraphDefOptions(options);
  TF_DeleteBuffer(buffer);
  if (!status.ok()) fail(env, kTensorFlow, status.message());
  return status.ok();
}

napi_value import_graph(napi_env env, napi_callback_info info) {
  Arguments<3> given(env, info);
  const auto session = open_session(env, given.at[0]);
  if (session != nullptr) import_into(env, session->graph, given.at[1], string_of(env, given.at[2]));
  return nullptr;
}

// Null where the rank or a size is not known before the graph runs.
napi_value inferred_shape(napi_env env, TF_Graph* graph, TF_Output output) {
  Status status;
  napi_value shape;
  const int rank = TF_GraphGetTensorNumDims(graph, output, status.raw);
  std::vector<int64_t> dims(rank < 0 ? 0 : rank);
  if (rank > 0) TF_GraphGetTensorShape(graph, output, dims.data(), rank, status.raw);
  bool known = status.ok() && rank >= 0;
  for (const int64_t size : dims) known = known && size >= 0;
  if (!known) {
    CHECK(napi_get_null(env, &shape));
    return shape;
  }
  CHECK(napi_create_array(env, &shape));
  for (int axis = 0; axis < rank; axis++) CHECK(napi_set_element(env, shape, axis, number(env, dims[axis])));
  return shape;
}

napi_value infer(napi_env env, napi_callback_info info) {
  Arguments<2> given(env, info);
  const std::unique_ptr<TF_Graph, decltype(&TF_DeleteGraph)> graph(TF_NewGraph(), TF_DeleteGraph);
  if (!import_into(env, graph.get(), given.at[0], "")) return nullptr;
  const std::string name = string_of(env, given.at[1]);
  TF_Operation* node = TF_GraphOperationByName(graph.get(), name.c_str());
  if (node == nullptr) return fail(env, kUsage, "the graph has no node '" + name + "'");
  napi_value outputs;
  CHECK(napi_create_array(env, &outputs));
  for (int index = 0; index < TF_OperationNumOutputs(node); index++) {
    napi_value output, shape = inferred_shape(env, graph.get(), {node, index});
    if (shape == nullptr) return nullptr;
    CHECK(napi_create_object(env, &output));
    CHECK(napi_set_named_property(env, output, "dtype", number(env, TF_OperationOutputType({node, index}))));
    CHECK(napi_set_named_property(env, output, "shape", shape));
    CHECK(napi_set_element(env, outputs, index, output));
  }
  return outputs;
}

napi_value devices(napi_env env, napi_callback_info info) {
  Arguments<1> given(env, info);
  const auto session = open_session(env, given.at[0]);
  if (session == nullptr) return nullptr;
  Status status;
  std::unique_ptr<TF_DeviceList, decltype(&TF_DeleteDeviceList)> list(TF_SessionListDevices(session->raw, status.raw), TF_DeleteDeviceList);
  if (!status.ok()) return fail(env, kTensorFlow, status.message());
  napi_value names;
  CHECK(napi_create_array(env, &names));
  for (int position = 0; position < TF_DeviceListCount(list.get()); position++) {
    napi_value name;
    CHECK(napi_create_string_utf8(env, TF_DeviceListName(list.get(), position, status.raw), NAPI_AUTO_LENGTH, &name));
    CHECK(napi_set_element(env, names, position, name));
  }
  return names;
}

// 'node' or 'node:output'. False with a pending exception where there is no such node or output.
bool resolve(napi_env env, TF_Graph* graph, const std::string& name, TF_Output* output) {
  const size_t colon = name.rfind(':');
  const std::string node = name.substr(0, colon);
  output->index = colon == std::string::npos ? 0 : std::atoi(name.c_str() + colon + 1);
  output->oper = TF_GraphOperationByName(graph, node.c_str());
  if (output->oper != nullptr && output->index >= 0 && output->index < TF_OperationNumOutputs(output->oper)) return true;
  fail(env, kUsage, "the graph has no node output '" + name + "'");
  return false;
}

bool resolve_all(napi_env env, TF_Graph* graph, napi_value names, std::vector<TF_Output>* outputs) {
  uint32_t count = 0;
  CHECK(napi_get_array_length(env, names, &count));
  for (uint32_t position = 0; position < count; position++) {
    napi_value name;
    TF_Output output;
    CHECK(napi_get_element(env, names, position, &name));
    if (!resolve(env, graph, string_of(env, name), &output)) return false;
    outputs->push_back(output);
  }
  return true;
}

napi_value make_plan(napi_env env, napi_callback_info info) {
  Arguments<4> given(env, info);
  auto plan = std::make_unique<Plan>();
  plan->session = open_session(env, given.at[0]);
  if (plan->session == nullptr) return nullptr;
  TF_Graph* graph = plan->session->graph;
  if (!resolve_all(env, graph, given.at[1], &plan->feeds) || !resolve_all(env, graph, given.at[2], &plan->fetches)) return nullptr;
  uint32_t count = 0;
  CHECK(napi_get_array_length(env, given.at[3], &count));
  for (uint32_t position = 0; position < count; position++) {
    napi_value value;
    CHECK(napi_get_element(env, given.at[3], position, &value));
    const std::string name = string_of(env, value);
    // Targets may have no outputs.
    const TF_Operation* target = TF_GraphOperationByName(graph, name.c_str());
    if (target == nullptr) return fail(env, kUsage, "the graph has no node '" + name + "'");
    plan->targets.push_back(target);
  }
  return hold(env, plan.release());
}

napi_value init(napi_env env, napi_value exports) {
  const struct {
    const char* name;
    napi_callback call;
  } functions[] = {{"version", version},   {"newSession", new_session}, {"close", close_session}, {"importGraph", import_graph},
                   {"devices", devices},   {"plan", make_plan},         {"run", run},             {"runAsync", run_async},     {"infer", infer}};
  for (const auto& function : functions) {
    napi_value value;
    CHECK(napi_create_function(env, function.name, NAPI_AUTO_LENGTH, function.call, nullptr, &value));
    CHECK(napi_set_named_property(env, exports, function.name, value));
  }
  return exports;
}

}  // namespace

NAPI_MODULE(graph_session, init)
