import type { Cell, Outcome } from './cell.ts';
import { isWished } from './cell.ts';

/** What no other try would mend. */
const FOR_GOOD = /^(?:authentication|quota|bad_request) /;

/** What the caller of an agent hears, who has just said something. */
export function heardByCaller(cell: Cell, { came, errors, next }: Outcome): string {
  const { component, moment, fault } = cell;
  const isLost = errors.length > 0 && next === 'opened anew';
  if (isWished(cell)) return 'nothing more, as was wished';
  if (came === 'all') return 'the answer';
  if (component.role === 'stt') {
    if (moment === 'connecting') return 'the answer, as soon as it is connected';
    if (moment === 'between two operations')
      return 'the answer: it was connected anew in the pause';
    return isLost ? 'the answer, as soon as it is connected' : 'nothing: there are no words';
  }
  if (moment === 'connecting' && component.link === 'socket') {
    return 'nothing: the call does not begin';
  }
  // A reset may overtake what was sent before it.
  const isSome = came === 'some' || (fault === 'reset' && moment === 'in mid-stream');
  if (errors.length === 0 && isSome) return 'what the model says in its place';
  const beginning = isSome ? 'what has come of the answer' : undefined;
  if (component.role !== 'realtime') {
    return beginning === undefined ? 'the apology' : `${beginning}, then the apology`;
  }
  if (errors.length === 0) return 'nothing: there are no words';
  const isOver = isLost && errors.some((error) => FOR_GOOD.test(error));
  return `${beginning ?? 'nothing'}, ${isOver ? 'and the call ends' : 'then the next answer'}`;
}
