import { type Run, type Spec, augment, cnn, cosine, crop, flip, rampUp, recipes, sgd } from 'codistill';

/** What every composed chain is, whatever its nodes are called. */
interface Complete {
  spec(): Spec;
  build(): Promise<Run>;
}

type Chain = recipes.Begun;

/** A recipe as it is tried here. */
export interface System {
  /** What the arms are compared by: a node, or the ensemble of the students. */
  readonly measured: string;
  /** How an arm is composed; the first arm is without knowledge transfer, and the others differ from it in nothing else. */
  readonly arms: Readonly<Record<string, (chain: Chain, epochs: number) => Complete>>;
}

// Sizes, rates and weights here are our choices, for small images and short runs.
const teacher = cnn({ channels: [32, 64, 128], stride: 2 });
const assistant = cnn({ channels: [24, 48, 96], stride: 2 });
const student = cnn({ channels: [16, 32, 64], stride: 2 });
const students = { a: student, b: student };
/** Maps of the student's shapes, so that its blocks can stand in for the student's. */
const largeKernels = cnn({ channels: [16, 32, 64], kernelSize: 5, stride: 2 });
/** Beside what the data set does to all: each peer its own draw. */
const view = augment(flip(), crop({ padding: 2 }));
/** Over the whole run; recipes with stages have a rate that comes down in each, by themselves. */
const optimizer = sgd({ lr: cosine({ from: 0.1 }), momentum: 0.9, nesterov: true, weightDecay: 5e-4 });
/** Of what weighs the teachers of cmtkd: a tenth. */
const importances = sgd({ lr: cosine({ from: 0.01 }), momentum: 0.9, nesterov: true });
/** At first nobody knows anything worth hearing. */
const growing = rampUp();

/** A third alone, the rest together. */
const thirds = (epochs: number): { readonly alone: number; readonly together: number } => {
  const alone = Math.max(1, Math.floor(epochs / 3));
  return { alone, together: epochs - alone };
};

const kdcl: Pick<recipes.KdclOptions<typeof students>, 'students' | 'augmentation' | 'optimizer'> = { students, augmentation: augment(flip(), crop({ padding: 4 })), optimizer };

/** Of the student's epochs a third is that of the weights, as about in the published schedule. */
const amtml = (epochs: number): recipes.AmtmlOptions<{ readonly t1: typeof teacher; readonly t2: typeof assistant }, typeof student> => {
  const { alone, together } = thirds(epochs);
  return { teachers: { t1: teacher, t2: assistant }, student, hints: { t1: 'block2', t2: 'block3' }, epochs: { teachers: epochs, adapter: alone, student: together } };
};

export const systems: Readonly<Record<string, System>> = {
  kdml: {
    measured: 'ensemble',
    arms: {
      ce: (chain) => recipes.kdml(chain, { teacher, students, arm: 'ce', optimizer }),
      kd: (chain) => recipes.kdml(chain, { teacher, students, arm: 'kd', ...recipes.kdmlPresets.softened, optimizer }),
      ml: (chain) => recipes.kdml(chain, { teacher, students, arm: 'ml', ...recipes.kdmlPresets.softened, optimizer }),
      'kd+ml': (chain) => recipes.kdml(chain, { teacher, students, arm: 'kd+ml', ...recipes.kdmlPresets.softened, optimizer }),
    },
  },
  dml: {
    measured: 'ensemble',
    arms: {
      none: (chain) => recipes.dml(chain, { students, weight: 0, optimizer }),
      dml: (chain) => recipes.dml(chain, { students, optimizer }),
    },
  },
  learningStyles: {
    measured: 'ensemble',
    arms: {
      none: (chain) => recipes.learningStyles(chain, { teacher, reader: student, watcher: student, predictions: 0, features: 0, optimizer }),
      learningStyles: (chain) => recipes.learningStyles(chain, { teacher, reader: student, watcher: student, temperature: 4, optimizer }),
    },
  },
  meanTeacher: {
    measured: 'student',
    arms: {
      none: (chain) => recipes.meanTeacher(chain, { student, decay: 0.99, weight: 0, optimizer }),
      meanTeacher: (chain) => recipes.meanTeacher(chain, { student, decay: 0.99, weight: growing, optimizer }),
    },
  },
  bornAgain: {
    measured: 'student',
    arms: {
      none: (chain, epochs) => recipes.bornAgain(chain, { network: student, epochs, weight: 0 }),
      bornAgain: (chain, epochs) => recipes.bornAgain(chain, { network: student, epochs }),
    },
  },
  takd: {
    measured: 'student',
    arms: {
      none: (chain, epochs) => recipes.takd(chain, { teacher, assistant, student, epochs: { teacher: epochs, assistant: epochs, student: epochs }, weight: 0 }),
      takd: (chain, epochs) => recipes.takd(chain, { teacher, assistant, student, epochs: { teacher: epochs, assistant: epochs, student: epochs } }),
    },
  },
  ctslMkt: {
    measured: 'ensemble',
    arms: {
      none: (chain, epochs) => recipes.ctslMkt(chain, { a: student, b: student, epochs: thirds(epochs), distances: 0, angles: 0, predictions: 0, self: 0 }),
      ctslMkt: (chain, epochs) => recipes.ctslMkt(chain, { a: student, b: student, epochs: thirds(epochs) }),
    },
  },
  skt: {
    measured: 'student',
    arms: {
      none: (chain, epochs) => recipes.skt(chain, { teacher, student, epochs: { teacher: epochs, student: epochs }, output: 0, weight: 0 }),
      // It sums over positions, of which the first map has 256.
      skt: (chain, epochs) => recipes.skt(chain, { teacher, student, epochs: { teacher: epochs, student: epochs }, weight: 1 / 256 }),
    },
  },
  pasm: {
    measured: 'student',
    arms: {
      none: (chain, epochs) => recipes.pasm(chain, { network: student, epochs, size: 0, weight: 0 }),
      pasm: (chain, epochs) => recipes.pasm(chain, { network: student, epochs }),
    },
  },
  iakd: {
    measured: 'student',
    arms: {
      none: (chain, epochs) => recipes.iakd(chain, { teacher: largeKernels, student, epochs: { teacher: epochs, student: epochs }, keep: 1 }),
      iakd: (chain, epochs) => recipes.iakd(chain, { teacher: largeKernels, student, epochs: { teacher: epochs, student: epochs } }),
    },
  },
  pcl: {
    measured: 'teacher',
    arms: {
      none: (chain) => recipes.pcl(chain, { network: student, view, decay: 0.99, fromTeacher: 0, fromMeans: 0, optimizer }),
      pcl: (chain) => recipes.pcl(chain, { network: student, view, decay: 0.99, fromTeacher: growing, fromMeans: growing, optimizer }),
    },
  },
  one: {
    measured: 'teacher',
    arms: {
      none: (chain) => recipes.one(chain, { network: student, weight: 0, optimizer }),
      one: (chain) => recipes.one(chain, { network: student, weight: growing, optimizer }),
    },
  },
  okddip: {
    measured: 'leader',
    arms: {
      none: (chain) => recipes.okddip(chain, { network: student, weight: 0, optimizer }),
      okddip: (chain) => recipes.okddip(chain, { network: student, weight: growing, optimizer }),
    },
  },
  atsc: {
    measured: 'shared',
    arms: {
      none: (chain, epochs) => recipes.atsc(chain, { teacher, student, to: { channels: 128 }, epochs: { teacher: epochs, student: epochs }, features: 0, anchor: 0, labels: 1 }),
      'atsc + labels': (chain, epochs) => recipes.atsc(chain, { teacher, student, to: { channels: 128 }, epochs: { teacher: epochs, student: epochs }, labels: 1 }),
      // As published: the student has no labels.
      atsc: (chain, epochs) => recipes.atsc(chain, { teacher, student, to: { channels: 128 }, epochs: { teacher: epochs, student: epochs } }),
    },
  },
  cmtkd: {
    measured: 'student',
    arms: {
      none: (chain) => recipes.cmtkd(chain, { network: student, predictions: 0, features: 0, optimizer, importances }),
      cmtkd: (chain) => recipes.cmtkd(chain, { network: student, optimizer, importances }),
    },
  },
  ikd: {
    measured: 'student',
    arms: {
      none: (chain) => recipes.ikd(chain, { teacher, student, weight: 0, optimizer }),
      ikd: (chain) => recipes.ikd(chain, { teacher, student, temperature: 4, optimizer }),
    },
  },
  amtml: {
    measured: 'student',
    arms: {
      none: (chain, epochs) => recipes.amtml(chain, { ...amtml(epochs), predictions: 0, angles: 0, distances: 0, hintWeight: 0, mixtureLabels: 1 }),
      amtml: (chain, epochs) => recipes.amtml(chain, amtml(epochs)),
    },
  },
  kdcl: {
    measured: 'ensemble',
    arms: {
      none: (chain) => recipes.kdcl(chain, { ...kdcl, weight: 0 }),
      naive: (chain) => recipes.kdcl(chain, { ...kdcl, target: 'naive' }),
      linear: (chain) => recipes.kdcl(chain, { ...kdcl, target: 'linear' }),
      minLogit: (chain) => recipes.kdcl(chain, { ...kdcl, target: 'minLogit' }),
      general: (chain) => recipes.kdcl(chain, { ...kdcl, target: 'general' }),
    },
  },
};
