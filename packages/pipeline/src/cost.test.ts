import { compile } from '../fixtures/compile.ts';

/** A chain of N students, each with a distillation edge of its own. */
const chain = (count: number): string => {
  const names = Array.from({ length: count }, (_, index) => `s${index}`);
  return [
    "import { pipeline } from './engine.ts';",
    "import { cifar100, crossEntropy, hint, kd, meanProbabilities, resnet, sgd } from './nouns.ts';",
    'export const run = pipeline(cifar100())',
    '  .teacher(resnet({ depth: 20 }))',
    `  .students({ ${names.map((name) => `${name}: resnet({ depth: 8 })`).join(', ')} })`,
    '  .supervise(crossEntropy())',
    ...names.map((name) => `  .distill(hint({ at: 'pooled' }), { to: ['${name}'] })`),
    '  .mutual(kd())',
    '  .optimize(sgd({ lr: 0.1 }))',
    '  .ensemble(meanProbabilities())',
    '  .build();',
  ].join('\n');
};

/** Type instantiations as measured with TypeScript 6.0.3; the budget is a tenth more. */
const MEASURED: readonly (readonly [students: number, instantiations: number])[] = [
  [2, 3_361],
  [8, 5_293],
  [32, 17_341],
  [64, 44_157],
];

describe('the cost of checking a chain', () => {
  it.each(MEASURED)('%i students: about %i instantiations', (students, measured) => {
    const { findings, instantiations } = compile(chain(students));
    expect(findings).toEqual([]);
    expect(instantiations).toBeLessThanOrEqual(measured * 1.1);
    // A measure that fell by a fifth is a budget to be tightened.
    expect(instantiations).toBeGreaterThan(measured * 0.8);
  });

  it('reaches 128 students, and 40 named one call at a time', () => {
    const record = Array.from({ length: 128 }, (_, index) => `s${index}: resnet({ depth: 8 })`).join(', ');
    const calls = Array.from({ length: 40 }, (_, index) => `.students({ s${index}: resnet({ depth: 8 }) })`).join('');
    const rest = '.supervise(crossEntropy()).mutual(kd()).optimize(sgd({ lr: 0.1 })).build();';
    const { findings } = compile(
      [
        "import { pipeline } from './engine.ts';",
        "import { cifar100, crossEntropy, kd, resnet, sgd } from './nouns.ts';",
        `export const many = pipeline(cifar100()).students({ ${record} })${rest}`,
        `export const one = pipeline(cifar100())${calls}${rest}`,
      ].join('\n'),
    );
    expect(findings).toEqual([]);
  });
});
