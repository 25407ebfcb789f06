import type { PlayedRealtime } from '../played-realtime.ts';
import { FRAME_MS, wasHeard } from './heard-answers.ts';
import type { RealtimeInvariant } from './invariant.ts';

/** The model is told once what it has to know: how much was heard, what the program wants, results of tools. */
export const modelIsTold: RealtimeInvariant = (conversation) => [
  ...howMuchWasHeard(conversation),
  ...whatTheProgramWants(conversation),
  ...resultsOfTools(conversation),
  ...nothingInVain(conversation),
];

/** Each answer that is cut off is told of once, with what left of it until then. */
function howMuchWasHeard({ model, turns }: PlayedRealtime): string[] {
  const expected: { readonly ms: number; readonly isCertain: boolean }[] = [];
  let from = 0;
  for (const turn of turns) {
    const played = wasHeard(turn) ? turn.frames - from : 0;
    // Where the end of the call cuts it off the session may be over as well.
    if (turn.record.outcome === 'interrupted') {
      expected.push({ ms: played * FRAME_MS, isCertain: turn.hasSession });
    }
    if (wasHeard(turn)) from = turn.frames;
  }
  const told = model.interrupts.map(({ playedMs }) => playedMs);
  const rest = [...told];
  // Turns that are cut off within each other end the other way round.
  const missing = expected.filter(({ ms, isCertain }) => {
    const index = rest.indexOf(ms);
    if (index !== -1 && isCertain) rest.splice(index, 1);
    return index === -1 && isCertain;
  });
  // What was taken for a noise is told of as well, of which nothing was heard.
  const strange = rest.filter((ms) => ms !== 0 && !expected.some((one) => one.ms === ms));
  if (missing.length === 0 && strange.length === 0) return [];
  const shall = expected.map(({ ms, isCertain }) => (isCertain ? `${ms}` : `(${ms})`)).join();
  return [`the model was told of [${told.join()}] ms that were heard, which were [${shall}]`];
}

/** What the program wants reaches the model once, or not at all where it failed or was cut off before. */
function whatTheProgramWants({ model, prompts }: PlayedRealtime): string[] {
  const texts = model.sessions.flatMap((session) => session.texts);
  const problems = prompts.flatMap(({ text, record }) => {
    const count = texts.filter((told) => told.includes(text)).length;
    const isAsked = record?.outcome === 'no_response' && record.marks.llmRequest !== undefined;
    const isNeeded = isAsked || record?.outcome === 'completed';
    return count > 1 || (isNeeded && count === 0)
      ? [`the model was told "${text}" ${count} times`]
      : [];
  });
  const known = prompts.map(({ text }) => text);
  const strange = texts.filter((told) => !known.some((text) => told.includes(text)));
  return [...problems, ...strange.map((text) => `the model was told "${text}" by nobody`)];
}

/** Each call has one result, in the session that it came from, unless it was taken back. */
function resultsOfTools({ model, tools }: PlayedRealtime): string[] {
  const outputs = new Set(
    tools.runs.filter(({ end }) => end === 'done').map(({ tool, input }) => `${tool} ${input}`),
  );
  return model.sessions.flatMap(({ calls, strayResults, state, endedAtMs }) => [
    ...strayResults.map(
      ({ callId }) => `a session was told a result of ${callId}, which is not its own`,
    ),
    ...calls.flatMap(({ id, level, isCancelled, isLate, atMs, results }) => {
      const [result] = results;
      if (results.length > 1) return [`the result of ${id} was told ${results.length} times`];
      // A tool takes two seconds at most, and a session can be over before.
      // What the program cuts off in the very moment in which it asks need not be done.
      const answer = model.answers[level - 1];
      if (!result && (answer?.stoppedAtMs ?? answer?.endedAtMs) === atMs) return [];
      const isDue = state === 'open' || (endedAtMs ?? Infinity) - atMs > LONGEST_TOOL_MS;
      if (!result) return isCancelled || isLate || !isDue ? [] : [`${id} has no result`];
      if (isCancelled && result) return [`${id} was taken back, and has a result`];
      const isTrue = !result.success || outputs.has(result.output);
      return isTrue ? [] : [`the result of ${id} is "${result.output}", which no tool said`];
    }),
  ]);
}

/** What a tool may take, and one that the same call waited for before. */
const LONGEST_TOOL_MS = 2001;

function nothingInVain({ model }: PlayedRealtime): string[] {
  return model.sessions.flatMap(({ toldInVain }, index) =>
    toldInVain === 0 ? [] : [`session ${index + 1} was told ${toldInVain} things after its end`],
  );
}
