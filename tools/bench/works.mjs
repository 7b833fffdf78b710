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
 * @property {number} steps - of one round
 */

/** @type {Omit<Work, 'name' | 'students' | 'steps'>} */
const cifar = { teacher: { net: 'resnet', depth: 20, width: 16 }, student: { net: 'resnet', depth: 8, width: 16 }, batch: 64, size: 32, classes: 10 };

/** @type {readonly Work[]} */
export const works = [
  ...[1, 2, 4, 8].map((students) => ({ name: `resnet20+${students}xresnet8`, ...cifar, students, steps: students > 2 ? 3 : 5 })),
  { name: 'mobilenet-96', teacher: { net: 'resnet', depth: 20, width: 16 }, student: { net: 'mobilenet', width: 0.25 }, students: 2, batch: 64, size: 96, classes: 10, steps: 2 },
  { name: 'host-bound', ...cifar, teacher: { net: 'resnet', depth: 20, width: 2 }, student: { net: 'resnet', depth: 8, width: 2 }, students: 2, batch: 1, steps: 40 },
  { name: 'mutual-3xresnet8', ...cifar, teacher: null, students: 3, steps: 4 },
];
