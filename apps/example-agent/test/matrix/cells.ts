import type { Cell } from './cell.ts';
import { COMMON_CELLS } from './common-cells.ts';
import { HEARING_CELLS } from './hearing-cells.ts';
import { MODEL_CELLS } from './model-cells.ts';
import { VOICE_CELLS } from './voice-cells.ts';

/** All cells of the matrix. */
export const CELLS: readonly Cell[] = [
  ...COMMON_CELLS,
  ...HEARING_CELLS,
  ...VOICE_CELLS,
  ...MODEL_CELLS,
];
