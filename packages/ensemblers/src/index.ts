export * from './mean-probabilities.ts';
export * from './mean-logits.ts';
export * from './weighted.ts';
export * from './majority-vote.ts';
export * from './max-confidence.ts';
export * from './ensemble-of.ts';
