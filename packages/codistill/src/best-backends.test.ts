import { bestBackends } from './best-backends.ts';
import { chooseBackend } from './choose-backend.ts';

it('the better backends come first', () => {
  expect(bestBackends().map(({ name, backend }) => `${name}: ${backend}`)).toEqual(['native-gpu: tensorflow', 'webgpu: webgpu', 'native: tensorflow', 'wasm: wasm', 'cpu: cpu', 'webgpu: webgpu']);
});

it('all of them can be asked for', async () => {
  await expect(chooseBackend({ prefer: 'abacus' })).rejects.toThrow("there is no backend 'abacus': there are 'native-gpu', 'webgpu', 'native', 'wasm', 'cpu'");
  expect((await chooseBackend({ prefer: 'wasm' })).line).toBe('backend: wasm (SIMD, 1 thread); it was asked for');
});
