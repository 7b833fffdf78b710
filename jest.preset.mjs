import { join } from 'node:path';

const localGlobals = join(import.meta.dirname, 'tools/jest/local-globals.mjs');

/** Shared jest settings: real ESM, SWC strips the types, workspace packages resolve to source. */
export default {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/src/**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleFileExtensions: ['ts', 'js', 'mjs', 'cjs', 'json', 'node'],
  testEnvironmentOptions: { customExportConditions: ['@codistill/source', 'node', 'node-addons'] },
  moduleNameMapper: { '^@tensorflow/tfjs$': join(import.meta.dirname, 'tools/jest/tfjs.cjs') },
  transformIgnorePatterns: ['/node_modules/(?!@tensorflow/)'],
  transform: {
    '/@tensorflow/.+\\.js$': [localGlobals, {}],
    '^.+\\.ts$': [localGlobals, { swc: { jsc: { parser: { syntax: 'typescript' }, target: 'es2023' }, module: { type: 'es6' }, sourceMaps: 'inline', swcrc: false } }],
  },
  // A test is never about time: what hangs is ended, and what is slow on a busy machine is waited for.
  testTimeout: 300_000,
  coverageProvider: 'v8',
  collectCoverageFrom: ['src/**/*.ts', '!src/**/*.test.ts'],
};
