import type { PartSpec, View } from '@codistill/core/host';

/**
 * Makes a view again from its description, in another thread: imports its package and calls the export of its name with its
 * options. A view made of views (`options.views`) gets them one by one.
 *
 * @param part - description of a view
 * @returns `undefined` where it is in no package, or its package has no such export
 * @example
 * const view = await rebuildView({ package: '@codistill/data', name: 'flip', options: { vertical: true } });
 */
export const rebuildView = async (part: PartSpec): Promise<View | undefined> => {
  if (part.package === 'local') return undefined;
  const module = (await import(part.package)) as Readonly<Record<string, ((...options: readonly unknown[]) => View) | undefined>>;
  const inner = part.options['views'] as readonly PartSpec[] | undefined;
  if (inner === undefined) return module[part.name]?.(part.options);
  const views = await Promise.all(inner.map(rebuildView));
  return views.every((view) => view !== undefined) ? module[part.name]?.(...views) : undefined;
};
