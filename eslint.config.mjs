import nx from '@nx/eslint-plugin';
import { defineConfig, globalIgnores } from 'eslint/config';
import * as jsonc from 'jsonc-eslint-parser';
import tseslint from 'typescript-eslint';

/**
 * Which layer may import which: ARCHITECTURE.md, "Packages and arrows".
 *
 * @type {Record<string, readonly string[]>}
 */
const arrows = {
  core: ['core'],
  noun: ['core'],
  backend: ['core'],
  native: ['core'],
  pipeline: ['core'],
  trainer: ['core', 'backend'],
  recipes: ['core', 'noun', 'pipeline'],
  report: ['core', 'trainer'],
  umbrella: ['core', 'noun', 'backend', 'native', 'pipeline', 'trainer', 'recipes', 'report'],
  testkit: ['core'],
  plugin: ['core', 'noun'],
  example: ['*'],
  tool: ['*'],
};

/** What tests may import beyond their layer's arrows. */
const testArrows = { core: [], noun: ['testkit', 'backend'], recipes: ['testkit', 'trainer', 'native'], plugin: ['testkit', 'backend'], native: ['testkit', 'noun', 'pipeline', 'trainer', 'backend'] };

/** @param {Record<string, readonly string[]>} beyond */
const boundaries = (beyond) => [
  'error',
  {
    enforceBuildableLibDependency: true,
    allow: ['^.*/jest\\.preset\\.mjs$'],
    depConstraints: Object.entries(arrows).map(([layer, targets]) => ({
      sourceTag: `layer:${layer}`,
      onlyDependOnLibsWithTags: [...targets, ...(beyond[layer] ?? beyond['*'] ?? [])].map((target) => (target === '*' ? '*' : `layer:${target}`)),
    })),
  },
];

/**
 * Every package names the peers of the packages it is made of, whether its own source imports them or not; knip finds those that are
 * imported and not named.
 *
 * @param {readonly string[]} ignoredDependencies
 */
const dependencies = (ignoredDependencies) => [
  'error',
  {
    ignoredDependencies,
    ignoredFiles: ['{projectRoot}/jest.config.mjs', '{projectRoot}/**/*.test.ts'],
    useLocalPathsForWorkspaceDependencies: false,
  },
];

const noChance = 'Randomness comes from a key: fold, bits, uniform, normal, permutation of @codistill/core.';
const noClock = 'The same spec, seed and backend give the same bytes: time may not enter. Only packages/report reads clocks.';

/**
 * tfjs is imported by its front door, so that one instance with all gradients is shared.
 *
 * @param {readonly string[]} allowed - further doors
 */
const tfjsImports = (allowed) => [
  'error',
  {
    patterns: [
      {
        regex: `^@tensorflow/(?!tfjs$${allowed.map((name) => `|${name}$`).join('')})`,
        message: 'Import @tensorflow/tfjs and nothing deeper: bare tfjs-core registers no gradients.',
      },
    ],
  },
];

export default defineConfig(
  globalIgnores(['**/dist', '**/out-tsc', '**/coverage', '**/.nx', '**/.cache', 'runs', 'tools/codistill-tools/src/files', 'tools/pack/user.ts']),
  { linterOptions: { noInlineConfig: true } },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    // One program of all sources: the types of tfjs, and ours, are worked out once.
    languageOptions: { parserOptions: { project: './tsconfig.lint.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      // An index signature names its key, and may refer to itself; a Record does neither.
      '@typescript-eslint/consistent-indexed-object-style': 'off',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // It asks for the `!` that no-non-null-assertion forbids.
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      // Parts are frozen records of functions, written as methods of their interfaces; none reads `this`.
      '@typescript-eslint/unbound-method': 'off',
      // There are no enums, and hardly a class that extends another: a tenth of the time for nothing to find.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      '@typescript-eslint/no-unsafe-enum-assignment': 'off',
      'no-restricted-imports': tfjsImports([]),
    },
  },
  { files: ['**/*.mjs'], extends: [tseslint.configs.strict, tseslint.configs.stylistic] },
  {
    files: ['**/*.ts', '**/*.mjs'],
    // `const { left, ...rest } = all` is how to leave something out.
    rules: { '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }] },
  },
  {
    files: ['packages/backend/src/**/*.ts', 'examples/**/*.ts'],
    rules: { 'no-restricted-imports': tfjsImports(['tfjs-backend-wasm']) },
  },
  {
    files: ['packages/*/src/**/*.ts'],
    // Tests may set traps for what they must not find.
    ignores: ['packages/report/**', '**/*.test.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: noChance },
        { object: 'Date', property: 'now', message: noClock },
        ...['randomNormal', 'randomUniform', 'truncatedNormal', 'randomStandardNormal', 'randomGamma', 'multinomial', 'dropout'].map((property) => ({
          object: 'tf',
          property,
          message: noChance,
        })),
      ],
      'no-restricted-syntax': ['error', { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: noClock }],
    },
  },
  {
    files: ['packages/**/*.ts', 'packages/**/*.mjs', 'examples/**/*.ts'],
    plugins: { '@nx': nx },
    rules: { '@nx/enforce-module-boundaries': boundaries({}) },
  },
  {
    files: ['packages/*/src/**/*.test.ts', 'packages/*/fixtures/**/*.ts'],
    plugins: { '@nx': nx },
    rules: { '@nx/enforce-module-boundaries': boundaries({ ...testArrows, '*': ['testkit'] }) },
  },
  {
    files: ['packages/*/package.json', 'examples/*/package.json'],
    plugins: { '@nx': nx },
    languageOptions: { parser: jsonc },
    rules: { '@nx/dependency-checks': dependencies(['@tensorflow/tfjs']) },
  },
  {
    // Found where it is installed, by resolution and not by import: a compiler reads its headers.
    files: ['packages/native/package.json'],
    plugins: { '@nx': nx },
    rules: { '@nx/dependency-checks': dependencies(['@tensorflow/tfjs', '@tensorflow/tfjs-node', '@tensorflow/tfjs-node-gpu', 'node-api-headers']) },
  },
  {
    files: ['packages/codistill/package.json', 'examples/*/package.json'],
    plugins: { '@nx': nx },
    rules: { '@nx/dependency-checks': dependencies(['@tensorflow/tfjs', '@tensorflow/tfjs-backend-wasm']) },
  },
);
