process.env.BN = 'fast';
const tf = await import('@tensorflow/tfjs');
const { chooseBackend } = await import('@codistill/backend');
const { key } = await import('@codistill/core');
const { resnet } = await import('@codistill/models');
const { resnet8 } = await import('/tmp/w/nets.mjs');
await chooseBackend({ prefer: 'wasm', threads: 1 });
const net = resnet({ depth: 8 }).build({ input: [32, 32, 3], classes: 10 }, key(1));
const raw = resnet8(tf);
const X = tf.randomNormal([64, 32, 32, 3]); const k = tf.tensor1d([1, 2], 'int32'); const ps = Object.values(net.parameters);
const step = (f, vars) => { const t = performance.now(); const { value, grads } = tf.variableGrads(() => tf.mean(tf.square(f())), vars); Object.values(grads).at(-1).dataSync(); value.dataSync(); tf.dispose([value, grads]); return performance.now() - t; };
const a = [], b = [];
for (let i = 0; i < 12; i++) { a.push(step(() => net.read(X, ['logits'], { training: true, key: k }).logits, ps)); b.push(step(() => raw.fwd(X), raw.vars)); }
a.sort((x, y) => x - y); b.sort((x, y) => x - y);
console.log('ours', a[6].toFixed(0), a[0].toFixed(0), 'raw', b[6].toFixed(0), b[0].toFixed(0));
const prof = async (f, vars) => { const p = await tf.profile(() => { const r = tf.variableGrads(() => tf.mean(tf.square(f())), vars); tf.dispose(r); }); const c = {}; let ms = {}; for (const q of p.kernels) { c[q.name] = (c[q.name] ?? 0) + 1; ms[q.name] = (ms[q.name] ?? 0) + (Number(await q.kernelTimeMs) || 0); } return Object.entries(ms).sort((x, y) => y[1] - x[1]).slice(0, 12).map(([n, t]) => `${n}x${c[n]}:${t.toFixed(0)}`).join(' '); };
console.log(await prof(() => net.read(X, ['logits'], { training: true, key: k }).logits, ps));
console.log(await prof(() => raw.fwd(X), raw.vars));
