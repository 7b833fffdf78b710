import { openPool } from './batch-pool.ts';
import { flip } from './flip.ts';
import { sharedBytes } from './image-set.ts';
import { defineView } from '@codistill/core/host';

const material = { shape: [1, 2, 1], pixels: sharedBytes(4), labels: Int32Array.of(0, 1), classes: 2, normalisation: { mean: [0], std: [1] } } as const;
const order = { ids: Int32Array.of(1, 0), key: [0, 7], position: 0 } as const;

describe('a pool whose worker file is not there', () => {
  it('makes the same batches in the main thread, and says so', async () => {
    const pool = openPool(material, [flip()], 2, '/nowhere/batch-worker.js');
    expect(pool.notices).toEqual([
      {
        code: 'WORKER_MISSING',
        sentence:
          "there is no '/nowhere/batch-worker.js', so training batches are made in the main thread, which then trains more slowly: build @codistill/data (tsc -b) or install it again, or say workers: 0",
      },
    ]);
    expect(await pool.make(order, [undefined])).toEqual(await openPool(material, [flip()], 0).make(order, [undefined]));
  });

  it('says nothing where no worker is wanted, or none could help', () => {
    const local = defineView({ name: 'mine' }, (batch) => batch);
    expect(openPool(material, [flip()], 0, '/nowhere').notices).toEqual([]);
    expect(openPool(material, [local], 2, '/nowhere').notices).toEqual([]);
  });
});
