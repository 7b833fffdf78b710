import { printPart, printTimes, printWeight } from './print.ts';
import type { NodeSpec, Spec } from './spec.ts';

/** `#` begins an entity in Mermaid, so it goes first. */
const quoted = (text: string): string => `"${text.replaceAll('#', '#35;').replaceAll('"', '#quot;')}"`;

/** Node names may hold any characters; Mermaid's ids may not. */
const idOf = (spec: Spec, name: string): string => (name === 'labels' ? 'labels' : `n${spec.nodes.findIndex((node) => node.name === name)}`);

/** Equal ones are counted. */
const printViews = (views: readonly string[]): string =>
  [...new Set(views)]
    .map((view) => [views.filter((each) => each === view).length, view] as const)
    .map(([count, view]) => (count === 1 ? view : `${count} × ${view}`))
    .join(' and ');

const shape = (node: NodeSpec): string => {
  const views = node.views === undefined ? '' : `<br/>sees ${printViews(node.views.map(printPart))}`;
  const text = quoted(`${node.name}<br/>${printPart(node.part)}${node.frozen ? '<br/>frozen' : ''}${views}`);
  if (node.role === 'teacher') return `[[${text}]]`;
  return node.role === 'student' ? `[${text}]` : `(${text})`;
};

/**
 * The graph as a Mermaid flowchart: teachers with double borders, students as boxes, derived nodes rounded; edges that are
 * detached at their source are arrows, the others have two heads. Views are said below a node, stages and phases below a loss.
 *
 * @example
 * declare const spec: Spec;
 * const picture = toMermaid(spec); // 'flowchart LR\n  labels((labels))\n …'
 */
export const toMermaid = (spec: Spec): string =>
  [
    'flowchart LR',
    '  labels((labels))',
    ...spec.nodes.map((node) => `  ${idOf(spec, node.name)}${shape(node)}`),
    ...spec.nodes.flatMap((node) => (node.of ?? []).map((source) => `  ${idOf(spec, source)} -.-> ${idOf(spec, node.name)}`)),
    ...spec.edges.map((edge) => {
      const arrow = edge.gradient === 'to' ? '-->' : '<-->';
      const times = printTimes(edge);
      return `  ${idOf(spec, edge.from)} ${arrow}|${quoted(`${printPart(edge.term)}${printWeight(edge)}${times === '' ? '' : `<br/>${times}`}`)}| ${idOf(spec, edge.to)}`;
    }),
  ].join('\n');
