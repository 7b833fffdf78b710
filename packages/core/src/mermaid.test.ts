import { toMermaid } from './mermaid.ts';
import type { Spec } from './spec.ts';

const part = (name: string, options = {}): Spec['data'] => ({ package: '@codistill/x', name, options });
const flow = { weight: 1, scale: 1, gradient: 'to', when: [] } as const;

const spec: Spec = {
  format: 'codistill/spec/1',
  task: { kind: 'class', classes: 2, classNames: ['0', '1'] },
  data: part('blobs'),
  input: [4],
  nodes: [
    { name: 'teacher', role: 'teacher', part: part('resnet', { depth: 20 }), frozen: true },
    { name: 'small.one', role: 'student', part: part('resnet', { depth: 8 }), frozen: false, views: [part('original'), part('flip', { rate: 0.5 }), part('flip', { rate: 0.5 })] },
    { name: 'mix', role: 'derived', part: part('mean', { note: '"#1"' }), frozen: false, of: ['teacher', 'small.one'] },
  ],
  edges: [
    { ...flow, id: 'a', term: part('crossEntropy'), from: 'labels', to: 'small.one' },
    { ...flow, id: 'b', term: part('kd', { temperature: 4 }), from: 'teacher', to: 'small.one', weight: 0.5 },
    { ...flow, id: 'c', term: part('mse'), from: 'mix', to: 'small.one', gradient: 'both', when: ['first', 'third'], phase: 'head' },
  ],
  optimizers: {},
  stages: [],
  ensemble: null,
};

describe('toMermaid', () => {
  it('draws teachers doubly, students as boxes, derived nodes rounded, edges by their gradient, and says views, stages and phases', () => {
    expect(toMermaid(spec)).toBe(
      [
        'flowchart LR',
        '  labels((labels))',
        '  n0[["teacher<br/>resnet(depth=20)<br/>frozen"]]',
        '  n1["small.one<br/>resnet(depth=8)<br/>sees original and 2 × flip(rate=0.5)"]',
        '  n2("mix<br/>mean(note=#quot;#35;1#quot;)")',
        '  n0 -.-> n2',
        '  n1 -.-> n2',
        '  labels -->|"crossEntropy"| n1',
        '  n0 -->|"kd(temperature=4)×0.5"| n1',
        '  n2 <-->|"mse<br/>when first, third in phase head"| n1',
      ].join('\n'),
    );
  });
});
