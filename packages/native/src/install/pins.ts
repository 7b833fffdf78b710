/**
 * A wheel of the Python package index, pinned: pip refuses any other file.
 *
 * @example
 * const wheel: Wheel = { name: 'tensorflow-cpu', version: '2.21.0', sha256: '2b84…' };
 */
export interface Wheel {
  readonly name: string;
  readonly version: string;
  readonly sha256: string;
}

/**
 * What is brought for one kind of machine.
 *
 * @example
 * const isTried = ({ tested }: Pins): boolean => tested;
 */
export interface Pins {
  /** Also the name of the folder in the cache. */
  readonly name: string;
  readonly tensorflow: Wheel;
  /** CUDA and what belongs to it; empty for the CPU. */
  readonly nvidia: readonly Wheel[];
  /** pip's platform tags. They are forced, so that whatever Python runs pip, it brings the same file. */
  readonly platforms: readonly string[];
  /** Of the two libraries, as the wheel has them. */
  readonly libraries: readonly [string, string];
  readonly megabytes: { readonly download: number; readonly disk: number };
  /** Whether it was installed and trained with. */
  readonly tested: boolean;
}

/** The version of TensorFlow everything here is tested with. Header folders move between versions: no range is promised. */
export const TENSORFLOW = '2.21.0';

/** The version of tfjs-node whose sources are built. */
export const TFJS_NODE = '4.22.0';

const MANYLINUX = (arch: string): readonly string[] => [
  ...['2_28', '2_27', '2_25', '2_24', '2_17', '2_12', '2_5'].map((glibc) => `manylinux_${glibc}_${arch}`),
  `manylinux2014_${arch}`,
  `manylinux2010_${arch}`,
];
const ELF = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'] as const;

const wheel = (name: string, version: string, sha256: string): Wheel => ({ name, version, sha256 });

/** What `tensorflow[and-cuda]` resolves to. */
const CUDA: readonly Wheel[] = [
  wheel('nvidia-cublas-cu12', '12.9.3.13', 'd7d51055f161b317c7105ddaae90e71eda059026074ffef93cf7cde2886bfe72'),
  wheel('nvidia-cuda-cupti-cu12', '12.9.79', '096bcf334f13e1984ba36685ad4c1d6347db214de03dbb6eebb237b41d9d934f'),
  wheel('nvidia-cuda-nvcc-cu12', '12.9.86', '5d6a0d32fdc7ea39917c20065614ae93add6f577d840233237ff08e9a38f58f0'),
  wheel('nvidia-cuda-nvrtc-cu12', '12.9.86', '210cf05005a447e29214e9ce50851e83fc5f4358df8b453155d5e1918094dcb4'),
  wheel('nvidia-cuda-runtime-cu12', '12.9.79', '25bba2dfb01d48a9b59ca474a1ac43c6ebf7011f1b0b8cc44f54eb6ac48a96c3'),
  wheel('nvidia-cudnn-cu12', '9.28.0.42', '9ff58b7f36dacd0a93e89f8f2957b52466889217963701daa15e577317cfa375'),
  wheel('nvidia-cufft-cu12', '11.4.1.4', 'c67884f2a7d276b4b80eb56a79322a95df592ae5e765cf1243693365ccab4e28'),
  wheel('nvidia-curand-cu12', '10.3.10.19', '49b274db4780d421bd2ccd362e1415c13887c53c214f0d4b761752b8f9f6aa1e'),
  wheel('nvidia-cusolver-cu12', '11.7.5.82', '15da72d1340d29b5b3cf3fd100e3cd53421dde36002eda6ed93811af63c40d88'),
  wheel('nvidia-cusparse-cu12', '12.5.10.65', '73060ce019ac064a057267c585bf1fd5a353734151f87472ff02b2c5c9984e78'),
  wheel('nvidia-nccl-cu12', '2.32.3', 'bb94b2348e4861d5e8aa00b36c3d12d9bdf9c6369b82cbb723de0b582280a21c'),
  wheel('nvidia-nvjitlink-cu12', '12.9.86', 'e3f1171dbdc83c5932a45f0f4c99180a70de9bd2718c1ab77d14104f6d7147f9'),
];

/**
 * Everything that can be installed, by `platform-arch` and, with CUDA, `-gpu`.
 *
 * @example
 * const machines = Object.keys(PINS); // ['linux-x64', 'linux-x64-gpu', …]
 */
export const PINS: Readonly<Record<string, Pins>> = {
  'linux-x64': {
    name: `tensorflow-${TENSORFLOW}-linux-x64`,
    tensorflow: wheel('tensorflow-cpu', TENSORFLOW, '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c'),
    nvidia: [],
    platforms: MANYLINUX('x86_64'),
    libraries: ELF,
    megabytes: { download: 274, disk: 860 },
    tested: true,
  },
  'linux-x64-gpu': {
    name: `tensorflow-${TENSORFLOW}-linux-x64-gpu`,
    tensorflow: wheel('tensorflow', TENSORFLOW, '9056fbc9ba04235810b71ae6cbd958a196e8804fb53bbcffbf3e23b56155f124'),
    nvidia: CUDA,
    platforms: MANYLINUX('x86_64'),
    libraries: ELF,
    megabytes: { download: 3379, disk: 5400 },
    tested: true,
  },
  'linux-arm64': {
    name: `tensorflow-${TENSORFLOW}-linux-arm64`,
    tensorflow: wheel('tensorflow', TENSORFLOW, '4b24aca16d527a3cf1c37f720c04c484c3d20f4d0fdfa98632ac8b9f3be6eb5c'),
    nvidia: [],
    platforms: MANYLINUX('aarch64'),
    libraries: ELF,
    megabytes: { download: 270, disk: 1000 },
    tested: false,
  },
  'darwin-arm64': {
    name: `tensorflow-${TENSORFLOW}-darwin-arm64`,
    tensorflow: wheel('tensorflow', TENSORFLOW, '51f46f4806139d01fc7920cc72a4c75876f80649bf40ff083ab6212ceb43ca88'),
    nvidia: [],
    platforms: ['macosx_12_0_arm64'],
    libraries: ['libtensorflow_cc.2.dylib', 'libtensorflow_framework.2.dylib'],
    megabytes: { download: 220, disk: 800 },
    tested: false,
  },
};
