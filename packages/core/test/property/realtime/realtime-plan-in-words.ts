import type { RealtimePlan, RealtimeStep } from './realtime-plan.ts';

const NAMES = ['ann', 'bob'];

/** A conversation as somebody would tell it, and as a regression test can play it again. */
export function inWords(plan: RealtimePlan): string {
  const { agent, model, steps, ending, answers, openings, runs, reactions } = plan;
  const lines = [
    `the agent: ${JSON.stringify(agent)}`,
    `the model: ${JSON.stringify(model)}`,
    `its answers: ${JSON.stringify(answers)}`,
    `its sessions open again: ${JSON.stringify(openings)}`,
    `the tools: ${JSON.stringify(runs)}`,
    `the program reacts: ${JSON.stringify(reactions)}`,
    'ann is there.',
    ...steps.map(stepInWords),
    `the end: ${ending}`,
    `as a plan: ${JSON.stringify(plan)}`,
  ];
  return `\n  ${lines.join('\n  ')}\n`;
}

function stepInWords(step: RealtimeStep): string {
  switch (step.type) {
    case 'wait':
      return `${step.ms} ms pass.`;
    case 'talk':
      return `${nameOf(step)} begins to talk.`;
    case 'hush':
      return `${nameOf(step)} falls silent.`;
    case 'speech-start':
    case 'speech-end': {
      const when = step.tellsOffset ? '' : ', but not when';
      return `The model tells that speech ${step.type === 'speech-start' ? 'began' : 'ended'}${when}.`;
    }
    case 'words':
      return `The model understood ${step.final ? 'for certain' : 'perhaps'}: ${step.count} words.`;
    case 'answer':
      return 'The model speaks unasked.';
    case 'cancel-calls':
      return 'The model takes back the tools that it asked for.';
    case 'session-lost':
      return `The session is lost (${step.how}).`;
    case 'provider-error':
      return 'The model reports a failure.';
    case 'say':
      return `The program says ${step.words} words${uninterrupted(step.interruptible)}.`;
    case 'prompt':
      return `The program has the model say something${uninterrupted(step.interruptible)}.`;
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
