import { CodistillError, say } from '@codistill/core';

/**
 * Insists on different members, at least two.
 *
 * @param node - name of the part, for the sentence
 * @throws CodistillError `MEMBERS_FEW`
 * @example
 * insistSeveral('gated', ['a', 'b']);
 */
export const insistSeveral = (node: string, of: readonly string[]): void => {
  const different = new Set(of).size;
  if (different < 2 || different < of.length) throw new CodistillError('MEMBERS_FEW', say.nodes.membersFew(node, different));
};
