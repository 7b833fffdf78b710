export * from './choose-backend.ts';
export * from './wasm/wasm.ts';
export * from './cpu/cpu.ts';
