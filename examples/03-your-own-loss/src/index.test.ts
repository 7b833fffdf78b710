import { CodistillError, describe as describePart } from '@codistill/core';
import { testOn, testTerm } from '@codistill/testkit';
import { focal } from './index.ts';

testOn('cpu');

const labels = [
  [0, 0, 1, 0, 0],
  [1, 0, 0, 0, 0],
  [0, 0, 0, 0, 1],
  [0, 1, 0, 0, 0],
];

// Values and gradients of the batch's mean by torch 2.13.0 in float64.
testTerm(focal(), {
  laws: ['nonNegative', 'shiftInvariant'],
  golden: [
    {
      name: 'γ = 2',
      to: { logits: [
        [-3.1875, -1.859375, 3.140625, 2.78125, 0.40625],
        [0.3125, 0.109375, 4.34375, 3.203125, -0.6875],
        [-0.234375, 0.28125, 1.640625, 1.78125, -0.78125],
        [0.359375, -0.71875, -0.328125, -0.953125, -2.0625],
        ] },
      from: { class: labels },
      value: 2.21012799918,
      gradients: { to: { logits: [
        [0.0001186337024, 0.0004477189156, -0.05126883144, 0.04638774629, 0.004314732527],
        [-0.2679328419, 0.002895666228, 0.1998546226, 0.06387737406, 0.001305179025],
        [0.01669633807, 0.02796110446, 0.1088738005, 0.1253129762, -0.2788442193],
        [0.1366129192, -0.2542001631, 0.06869328971, 0.03676886838, 0.01212508587],
      ] } },
    },
    {
      name: 'γ = 2, extreme logits',
      to: { logits: [
        [10000, -10000, 0, 0, 0],
        [-10000, 10000, -10000, 10000, -10000],
        [10000, 10000, 10000, 10000, 10000],
        [0, 0, 0, 0, -10000],
        ] },
      from: { class: labels },
      value: 7500.62574451,
      gradients: { to: { logits: [
        [0.25, 0, -0.25, 0, 0],
        [-0.25, 0.125, 0, 0.125, 0],
        [0.0577510066, 0.0577510066, 0.0577510066, 0.0577510066, -0.2310040264],
        [0.06764752409, -0.2029425723, 0.06764752409, 0.06764752409, 0],
      ] } },
    },
  ],
});
testTerm(focal({ gamma: 0.5 }), { laws: ['nonNegative', 'shiftInvariant'] });

// Without focus it is cross-entropy.
testTerm(focal({ gamma: 0 }), {
  golden: [{ name: 'γ = 0', to: { logits: [[0, 0]] }, from: { class: [[1, 0]] }, value: Math.log(2), gradients: { to: { logits: [[-0.5, 0.5]] } } }],
});

it('says how it was made', () => {
  expect(describePart(focal())).toEqual({ package: 'codistill-loss-focal', name: 'focal', options: { gamma: 2 } });
});

it('refuses a focus below 0', () => {
  expect(() => focal({ gamma: -1 })).toThrow(new CodistillError('OPTION_INVALID', 'focal: gamma must be at least 0, not -1.'));
});
