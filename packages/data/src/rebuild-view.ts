import type { PartSpec, View } from '@codistill/core';

export const rebuildView = async (part: PartSpec): Promise<View | undefined> => {
  if (part.package === 'local') return undefined;
  const module = (await import(part.package)) as Readonly<Record<string, ((...options: readonly unknown[]) => View) | undefined>>;
  const inner = part.options['views'] as readonly PartSpec[] | undefined;
  if (inner === undefined) return module[part.name]?.(part.options);
  const views = await Promise.all(inner.map(rebuildView));
  return module[part.name]?.(...views);
};
