import { classification, defineTask } from './task.ts';

describe('classification', () => {
  it('names its classes by number where it is told no names', () => {
    expect(classification(3)).toEqual({ kind: 'class', classes: 3, classNames: ['0', '1', '2'] });
  });

  it('keeps the class count in its type', () => {
    const task: { classes: 2 } = classification(2, ['benign', 'adenocarcinoma']);
    expect(task).toEqual({ kind: 'class', classes: 2, classNames: ['benign', 'adenocarcinoma'] });
    // @ts-expect-error there are two classes
    const three: { classes: 3 } = classification(2);
    expect(three.classes).toBe(2);
  });
});

describe('defineTask', () => {
  it('is frozen, names included, and holds names of its own', () => {
    const names = ['background', 'cell'];
    const task = defineTask('mask', 2, names);
    names.push('other');
    expect(task.classNames).toEqual(['background', 'cell']);
    expect(Object.isFrozen(task) && Object.isFrozen(task.classNames)).toBe(true);
  });
});
