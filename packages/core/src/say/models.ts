/** `'a', 'b' and 'c'`, cut where a model has more layers than a sentence can hold. */
const listed = (names: readonly string[], most = 24): string => {
  const quoted = names.slice(0, most).map((name) => `'${name}'`);
  if (names.length > most) return `${quoted.join(', ')} and ${names.length - most} more`;
  return quoted.length < 2 ? (quoted[0] ?? 'none') : `${quoted.slice(0, -1).join(', ')} and ${String(quoted.at(-1))}`;
};

const shape = (lengths: readonly (number | null)[]): string => `[${lengths.map((length) => length ?? 'any').join(', ')}]`;

/**
 * Sentences about models. Codes are the keys in upper snake case.
 *
 * @example
 * models.inputNotImage('cnn', [4]);
 */
export const models = {
  // Recipes
  inputNotImage: (model: string, input: readonly number[]): string =>
    `${model} takes images, [height, width, channels], but an example of the data has shape ${shape(input)}: use mlp(...), or deliver images`,

  // Networks
  signalForeign: (signal: string, layers: readonly string[]): string =>
    `'${signal}' is not read from a layer of the model: give the output of one of its layers ${listed(layers)}`,
  signalUnknown: (signal: string, emitted: readonly string[]): string => `the network does not emit '${signal}': it emits ${listed(emitted)}`,
  signalBefore: (signal: string, start: string): string =>
    `'${signal}' does not lie behind '${start}', so a pass that begins there cannot give it: read it from the input, or begin at a reading before it`,
  signalAround: (signal: string, start: string): string =>
    `'${signal}' does not follow from '${start}' alone, since layers lead around it: begin at a tap through which all of the network passes`,
  variableTwice: (variable: string): string => `two layers of the model have a variable '${variable}': give each layer a name of its own`,
  drawsOnHost: (layer: string, kind: string): string =>
    `layer '${layer}' (${kind}) draws random numbers of its own, so that no step could be repeated: use dropout layers, or augment the data with a view`,
  keepsState: (layer: string, kind: string): string => `layer '${layer}' (${kind}) keeps state from one batch to the next: build it with stateful: false`,
  normalisesAxis: (layer: string, axis: number): string =>
    `layer '${layer}' (BatchNormalization) normalises axis ${axis}: only the last axis is supported, so build the model channels last`,

  // Given weights
  weightsUnreadable: (folder: string, reason: string): string =>
    `no weights can be read in '${folder}' (${reason}): give a folder with model.json and the files it names, such as one below nodes/ of an export`,
  weightsUnwritable: (folder: string, reason: string): string => `nothing can be written to '${folder}' (${reason}): choose a folder that may be written to`,
  /** `differ` are phrases such as `'head/bias' is missing`. */
  weightsDiffer: (model: string, differ: readonly string[], most = 12): string => {
    const shown = differ.length > most ? [...differ.slice(0, most), `${differ.length - most} more differ`] : differ;
    return `the weights are not those of model '${model}': ${shown.join(', ')}; give it the depth, width, input and classes it was trained with`;
  },

  // Models made of models
  modelOpaque: (part: string, model: string): string =>
    `${part} is made of the layers of another network, but '${model}' does not show its own: build it with network(layers, signals) of @codistill/models`,
  tapMissing: (part: string, tap: string, model: string, emitted: readonly string[]): string =>
    `${part} begins at tap '${tap}', which model '${model}' does not emit: it emits ${listed(emitted)}`,
  tapNotMap: (part: string, tap: string, lengths: readonly (number | null)[]): string =>
    `${part} begins at tap '${tap}', whose shape ${shape(lengths)} is no map: name a tap before the pooling`,
  sizeUnmet: (tap: string, has: readonly number[], want: readonly number[]): string =>
    `tap '${tap}' is a map of ${shape(has)}, which cannot be averaged down to ${shape(want)} in whole windows: give its own size, and average the other map down`,
  nothingBetween: (model: string): string =>
    `lowBit leaves the first and the last layer as they are, and model '${model}' has none between: give it a deeper one`,
  notLowBit: (): string => 'toIntegers is given a network whose layers are all float: build it with lowBit(model, { bits })',
  fusionOrder: (tap: string, previous: string): string =>
    `fused is told to fuse at '${tap}' after '${previous}', but it does not lie behind it: list the taps from the input on, each one through which all of the network passes`,
  /** `shapes` are the members'. */
  fusionShapes: (tap: string, shapes: Readonly<Record<string, readonly (number | null)[]>>): string =>
    `fused adds up the members' maps at '${tap}', but they differ: ${Object.entries(shapes)
      .map(([name, lengths]) => `${shape(lengths)} in '${name}'`)
      .join(', ')}: fuse members of one architecture`,
  viewsCount: (branches: readonly string[], views: number): string =>
    `branches ${listed(branches)} have a view each, but the input holds ${views}: give the node ${branches.length} views, or one`,

  // Adopted models
  inputsCount: (inputs: readonly string[]): string => `a network has one input, but this model has ${inputs.length}, ${listed(inputs)}: adopt a part with one`,
  outputsCount: (outputs: readonly string[]): string =>
    `the adopted model has ${outputs.length} outputs: say which gives the logits, adopt(model, { logits: '${String(outputs[0])}' }), where there are ${listed(outputs)}`,
  inputShape: (model: readonly (number | null)[], data: readonly number[]): string =>
    `the adopted model takes ${shape(model)} but an example of the data has shape ${shape(data)}: resize the data, or adopt a function of the site`,
  classesDeclared: (declared: number, output: readonly (number | null)[]): string =>
    `adopt is told classes: ${declared} but the model's logits have shape ${shape(output)}: correct classes, or leave it out`,
  classesDiffer: (has: number | null, want: number): string =>
    `the adopted model has ${has ?? 'no fixed number of'} classes but the data has ${want}: replace its last layer, or adopt a function of the site`,
  layerMissing: (use: string, layer: string, existing: readonly string[]): string =>
    `adopt reads ${use} from layer '${layer}', which the model does not have: it has ${listed(existing)}`,
  layerShared: (use: string, layer: string, uses: number): string =>
    `adopt reads ${use} from layer '${layer}', which the model applies ${uses} times: read it from a layer that is applied once`,
  endsIn: (layer: string, activation: string): string =>
    `the adopted model ends in a ${activation} (layer '${layer}'), from which no logits of classes can be read: end it in one linear unit per class`,
  notCopied: (reason: string): string =>
    `the model cannot be copied (${reason}): register its layers with tf.serialization.registerClass, or adopt a function that builds it`,
  layersUnnamed: (layers: readonly string[]): string =>
    `adopt is given a function whose layers ${listed(layers)} have names that tfjs makes up anew each time: name them, as in tf.layers.dense({ name: 'head', ... })`,
} as const;
