import type { CallTurn } from '@vision-agents/sandbox';

/** Tells people on standard error how the demo gets on. */
export class Progress {
  #turns = 0;
  #answered = 0;
  #latencySumMs = 0;
  #callsEnded = 0;

  say(line: string): void {
    process.stderr.write(`${line}\n`);
  }

  turn(callId: string, index: number, of: number, turn: CallTurn): void {
    this.#turns += 1;
    if (turn.responseLatencyMs !== undefined) {
      this.#answered += 1;
      this.#latencySumMs += turn.responseLatencyMs;
    }
    const mean = this.#answered === 0 ? '' : `; mean ${this.#meanMs()} ms of ${this.#turns} turns`;
    this.say(`${callId}  turn ${index + 1}/${of}  "${turn.said}"  ${whatBecameOf(turn)}${mean}`);
  }

  callEnded(callId: string): void {
    this.#callsEnded += 1;
    this.say(`${callId}  hung up; ${this.#callsEnded} calls, ${this.#turns} turns so far`);
  }

  #meanMs(): string {
    return (this.#latencySumMs / this.#answered).toFixed(0);
  }
}

function whatBecameOf({ responseLatencyMs, answer, interruption, backChannels }: CallTurn): string {
  const answered =
    responseLatencyMs === undefined ? [] : [`answered in ${responseLatencyMs.toFixed(0)} ms`];
  const listening = backChannels.map((words) => `"${words}" said meanwhile`);
  return [...answered, ...listening, ...ending()].join(', ');

  function ending(): string[] {
    switch (answer) {
      case 'heard':
        return [];
      case 'missing':
        return ['no answer'];
      case 'hung-up':
        return ['hung up on'];
      case 'interrupted': {
        const { phase, timeToSilenceMs } = interruption ?? {};
        return timeToSilenceMs === undefined
          ? [`interrupted while ${phase}`]
          : [`interrupted while ${phase}, silent after ${timeToSilenceMs.toFixed(0)} ms`];
      }
    }
  }
}
