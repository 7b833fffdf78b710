import type { Json } from './json.ts';
import type { EdgeSpec, PartSpec, Spec } from './spec.ts';

const isPart = (value: Json): value is { package: string; name: string; options: { [key: string]: Json } } =>
  typeof value === 'object' && value !== null && 'package' in value && 'name' in value && 'options' in value;

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);

const printValue = (value: Json): string => {
  if (isPart(value)) return printPart(value);
  if (isList(value)) return `[${value.map(printValue).join(', ')}]`;
  return typeof value === 'string' ? value : JSON.stringify(value);
};

/**
 * A part as it reads in a line: `kd(temperature=4)`, `kd(temperature=linear(from=8, to=2))`, `hint(at=[block1, block2])`, `crossEntropy`.
 *
 * @example
 * printPart({ package: '@codistill/losses', name: 'kd', options: { temperature: 4 } }); // 'kd(temperature=4)'
 */
export const printPart = ({ name, options }: PartSpec): string => {
  const shown = Object.entries(options).map(([option, value]) => `${option}=${printValue(value)}`);
  return shown.length === 0 ? name : `${name}(${shown.join(', ')})`;
};

/**
 * The factor of an edge as it reads in a line: `''` for 1, `×0.5`, `×rampUp(epochs=5)`, `×0.5×1/3`.
 *
 * @example
 * printWeight({ weight: 0.5, scale: 1 }); // '×0.5'
 */
export const printWeight = ({ weight, scale }: Pick<EdgeSpec, 'weight' | 'scale'>): string => {
  const factor = typeof weight === 'number' ? (weight === 1 ? '' : `×${weight}`) : `×${printPart(weight)}`;
  return scale === 1 ? factor : `${factor}×1/${Math.round(1 / scale)}`;
};

/**
 * When an edge is active: `''` for always, `when warmUp, review`, `in phase exam`.
 *
 * @example
 * printTimes({ when: ['warmUp'], phase: 'exam' }); // 'when warmUp in phase exam'
 */
export const printTimes = ({ when, phase }: Pick<EdgeSpec, 'when' | 'phase'>): string =>
  [...(when.length === 0 ? [] : [`when ${when.join(', ')}`]), ...(phase === undefined ? [] : [`in phase ${phase}`])].join(' ');

/**
 * The graph, one edge a line: `teacher -kd(temperature=4)×0.5-> small`.
 *
 * @example
 * declare const spec: Spec;
 * console.log(printSpec(spec));
 */
export const printSpec = (spec: Spec): string =>
  spec.edges
    .map((edge) => {
      const times = printTimes(edge);
      const flow = edge.gradient === 'to' ? '' : `  gradient ${edge.gradient}`;
      return `${edge.from} -${printPart(edge.term)}${printWeight(edge)}-> ${edge.to}${flow}${times === '' ? '' : `  ${times}`}`;
    })
    .join('\n');
