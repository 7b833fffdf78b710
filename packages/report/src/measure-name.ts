const WRITTEN: Readonly<Record<string, string>> = { macroF1: 'macro-F1', microF1: 'micro-F1', nll: 'NLL', ece: 'ECE', brier: 'Brier', auroc: 'AUROC', mcc: 'MCC' };

/** How a measure is called in print; its own name unless it is usually written otherwise. */
export const measureName = (name: string): string => WRITTEN[name] ?? name;
