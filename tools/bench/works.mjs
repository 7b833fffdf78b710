/**
 * A network, as both sides build it.
 *
 * @typedef {{ net: 'resnet' | 'mobilenet', depth?: number, width: number }} Net
 */

/**
 * A joint step to be timed: a teacher and N students trained together on one batch, cross-entropy for all, KD (T = 4) from the
 * teacher, mutual KL between the students, SGD with momentum.
 *
 * @typedef {object} Work
 * @property {string} name
 * @property {Net | null} teacher
 * @property {Net} student
 * @property {number} students
 * @property {number} batch
 * @property {number} size - height and width of the images, of 3 channels
 * @property {number} classes
 */

/** @type {Omit<Work, 'name' | 'students'>} */
const cifar = { teacher: { net: 'resnet', depth: 20, width: 16 }, student: { net: 'resnet', depth: 8, width: 16 }, batch: 64, size: 32, classes: 10 };

/** @type {readonly Work[]} */
export const works = [
  ...[1, 2, 4, 8].map((students) => ({ name: `resnet20+${students}xresnet8`, ...cifar, students })),
  { name: 'mobilenet-96', teacher: { net: 'resnet', depth: 20, width: 16 }, student: { net: 'mobilenet', width: 0.25 }, students: 2, batch: 16, size: 96, classes: 10 },
  { name: 'host-bound', ...cifar, teacher: { net: 'resnet', depth: 20, width: 2 }, student: { net: 'resnet', depth: 8, width: 2 }, students: 2, batch: 1 },
  { name: 'mutual-3xresnet8', ...cifar, teacher: null, students: 3 },
];

const netOf = (/** @type {Net} */ { net, depth, width }) => (net === 'resnet' ? `ResNet-${depth} (width ${width})` : `MobileNetV2 (width ${width})`);

/**
 * What a work consists of, in words.
 *
 * @param {string} name
 * @returns {string} '' for works there were once
 */
export const described = (name) => {
  const work = works.find((each) => each.name === name);
  if (work === undefined) return '';
  const { teacher, student, students, batch, size } = work;
  const taught = `${students} × ${netOf(student)}`;
  return `${teacher === null ? `${taught} as peers` : `${netOf(teacher)} teaches ${taught}`}, batch ${batch} of ${size} × ${size} × 3.`;
};
