import type { AgentLauncher, AgentMetrics, TurnRecord } from '@vision-agents/core';
import type { Edge, LocalCall } from '@vision-agents/plugin-local';
import type { CallAct, CallReport, CallTurn, SandboxProcess } from '@vision-agents/sandbox';

/** The call type of the demo's calls. */
const DEMO_CALL_TYPE = 'demo';

/** What a call of the demo needs. */
export interface DemoCallParts {
  readonly launcher: AgentLauncher;
  readonly edge: Edge;
  readonly sandbox: SandboxProcess;
  readonly callId: string;
  /** What the caller does. A plain text is said. */
  readonly lines: readonly (string | CallAct)[];
  /** Aborting it has the caller hear the present answer out and hang up. */
  readonly lastAnswer: AbortSignal;
  readonly onPage: (call: LocalCall) => void;
  readonly onTurn: (turn: CallTurn, index: number) => void;
}

/** What became of a call. */
export interface DemoCallResult {
  /** The call as the caller saw it. */
  readonly report: CallReport;
  /** The call as the agent saw it. */
  readonly metrics: AgentMetrics;
  /** What went wrong, in words. */
  readonly problems: readonly string[];
}

/** Lets one simulated caller talk to one agent until it hangs up. */
export async function demoCall(parts: DemoCallParts): Promise<DemoCallResult> {
  const { launcher, edge, sandbox, callId, lines, lastAnswer } = parts;
  const session = await launcher.start({ callType: DEMO_CALL_TYPE, callId });
  const answers: TurnRecord[] = [];
  session.agent.on('turn', (record) => {
    if (record.outcome !== 'no_response') answers.push(record);
  });
  const errors: string[] = [];
  session.agent.on('error', ({ error }) => errors.push(`${callId}: ${String(error)}`));

  const call = await edge.createCall(DEMO_CALL_TYPE, callId);
  parts.onPage(call);
  const report = await sandbox.placeCall({
    url: call.socketUrl,
    lines,
    lastAnswer,
    onEvent: (event) => {
      if (event.type === 'turn') parts.onTurn(event.turn, event.index);
    },
  });
  await session.done;
  const problems = [...errors, ...misheard(callId, report, answers)];
  return { report, metrics: session.agent.metrics, problems };
}

/**
 * Whether the words that reached the caller are those that the agent takes for said, by way of nothing
 * but sound.
 */
function misheard(
  callId: string,
  report: CallReport,
  answers: readonly TurnRecord[],
): readonly string[] {
  const heard = [report.greeting, ...report.turns.map((turn) => turn.heard)];
  return answers.flatMap(({ id, outcome, agentText }, index) => {
    const text = heard[index] ?? '';
    const isRight =
      outcome === 'interrupted'
        ? isCutAlike(agentText, text)
        : letters(agentText) === letters(text);
    return isRight ? [] : [`${callId}: ${id} was misheard`];
  });
}

/** Whether two texts are the same answer cut at the same place, give or take the word that was cut. */
function isCutAlike(one: string, other: string): boolean {
  return (
    letters(one).startsWith(letters(withoutLastWord(other))) &&
    letters(other).startsWith(letters(withoutLastWord(one)))
  );
}

function withoutLastWord(text: string): string {
  return text.replace(/\S*$/, '');
}

/** Sentences come with no more than a pause between them, so white space is not compared. */
function letters(text: string): string {
  return text.replaceAll(/\s/g, '');
}
