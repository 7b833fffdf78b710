// tfjs for tests: the same module, whose names jest asks of the module itself here, and does not read anew from five megabytes of its
// source in every test file.
Object.assign(exports, require('@tensorflow/tfjs/dist/tf.node.js'));
