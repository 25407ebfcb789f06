import type { ConversationPlan, Step } from './conversation-plan.ts';

const NAMES = ['ann', 'bob'];

/** A conversation as somebody would tell it, and as a regression test can play it again. */
export function inWords(plan: ConversationPlan): string {
  const { agent, steps, ending, rounds, voices, openings, runs } = plan;
  const lines = [
    `the agent: ${JSON.stringify(agent)}`,
    `the model: ${JSON.stringify(rounds)}`,
    `the voice: ${JSON.stringify(voices)}`,
    `the speech to text opens: ${JSON.stringify(openings)}`,
    `the tools: ${JSON.stringify(runs)}`,
    'ann is there.',
    ...steps.map(stepInWords),
    `the end: ${ending}`,
    `as a plan: ${JSON.stringify(plan)}`,
  ];
  return `\n  ${lines.join('\n  ')}\n`;
}

function stepInWords(step: Step): string {
  switch (step.type) {
    case 'wait':
      return `${step.ms} ms pass.`;
    case 'say':
      return `The program says ${step.words} words${uninterrupted(step.interruptible)}.`;
    case 'prompt':
      return `The program has the model say something${uninterrupted(step.interruptible)}.`;
    case 'speech-start':
      return `A sound of ${nameOf(step)} begins.`;
    case 'words': {
      const certainty = step.final ? 'for certain' : 'perhaps';
      const what =
        step.kind === 'backchannel' ? 'a back-channel' : `${step.count} words (${step.kind})`;
      return `${nameOf(step)} said ${certainty}: ${what}${step.endsSentence ? ', the end of a sentence' : ''}.`;
    }
    case 'turn-end':
      return `${nameOf(step)}'s turn is ${step.eager ? 'probably ' : ''}over.`;
    case 'turn-resumed':
      return `${nameOf(step)} goes on after all.`;
    case 'connection-lost':
      return `The connection that hears ${nameOf(step)} breaks.`;
    case 'provider-error':
      return `The speech to text of ${nameOf(step)} reports a failure.`;
    case 'join':
      return `${nameOf(step)} joins.`;
    case 'leave':
      return `${nameOf(step)} leaves.`;
  }
}

function nameOf({ who }: { readonly who: number }): string {
  return NAMES[who] ?? 'nobody';
}

function uninterrupted(interruptible: boolean): string {
  return interruptible ? '' : ' and must not be cut off';
}
