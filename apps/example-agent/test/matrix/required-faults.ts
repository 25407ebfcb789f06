import type { Cell, Moment } from './cell.ts';
import type { Component } from './components.ts';
import { COMPONENTS } from './components.ts';

/** A fault that every component has to be tried with, unless it cannot meet it. */
export interface RequiredFault {
  /** In the page. */
  readonly name: string;
  /** By the names of the cells. */
  readonly isIn: (cell: Cell) => boolean;
  /** Why a component cannot meet it; undefined where it can. */
  readonly reasonNot?: (component: Component) => string | undefined;
}

function named(pattern: RegExp, moment?: Moment): (cell: Cell) => boolean {
  return ({ fault, moment: at }) => pattern.test(fault) && (moment === undefined || at === moment);
}

function isRequest({ link }: Component): boolean {
  return link === 'request';
}

function isVoiceOverHttp(component: Component): boolean {
  return isRequest(component) && component.role === 'tts';
}

const { flux, nova, responses, chatCompletions, gemini, live, openaiRealtime, openaiVoice } =
  COMPONENTS;

const SOCKETS_ONLY = 'an answer over HTTP has no close codes: it ends';
const ONE_MESSAGE = 'the audio over HTTP is one body, not messages';

/** What may go wrong with a provider, and why it cannot with some. */
export const REQUIRED_FAULTS: readonly RequiredFault[] = [
  { name: 'refused with 401', isIn: named(/^(?:handshake|HTTP) 401/) },
  {
    name: 'refused with 403',
    isIn: named(/^(?:handshake|HTTP) 403/),
    reasonNot: (component) =>
      component === openaiVoice
        ? 'handled by the same code as that of 401, and tried with the models of OpenAI'
        : undefined,
  },
  { name: 'refused with 429', isIn: named(/^(?:handshake|HTTP) 429/) },
  { name: 'refused with 500', isIn: named(/^(?:handshake|HTTP) 50[03]/) },
  {
    name: 'hung upgrade',
    isIn: named(/^(?:hung|no answer)/),
  },
  { name: 'refused port', isIn: named(/^closed port/) },
  { name: 'DNS failure', isIn: named(/^unknown host/) },
  { name: 'TCP reset before the first result', isIn: named(/^reset/, 'before the first result') },
  { name: 'TCP reset in mid-stream', isIn: named(/^reset/, 'in mid-stream') },
  {
    name: 'clean end in mid-stream',
    isIn: named(/^(?:eof|clean close)/, 'in mid-stream'),
    reasonNot: (component) =>
      isVoiceOverHttp(component)
        ? 'nothing tells the length of audio in advance: what ends early ends like any audio'
        : undefined,
  },
  {
    name: 'close codes',
    isIn: named(/^provider close/),
    reasonNot: (component) => (isRequest(component) ? SOCKETS_ONLY : undefined),
  },
  {
    name: 'error message in mid-stream',
    isIn: named(/^(?:error message|error event)/, 'in mid-stream'),
    reasonNot: (component) => {
      if (component === live) return 'Live has no error message: it closes with a reason';
      return isVoiceOverHttp(component) ? ONE_MESSAGE : undefined;
    },
  },
  { name: 'stall', isIn: named(/^stall/) },
  {
    name: 'malformed frame',
    isIn: named(/^malformed/),
    reasonNot: (component) => (isVoiceOverHttp(component) ? ONE_MESSAGE : undefined),
  },
  {
    name: 'wrong-typed fields',
    isIn: named(/^wrong types/),
    reasonNot: (component) => (isVoiceOverHttp(component) ? ONE_MESSAGE : undefined),
  },
  {
    name: 'unknown message type',
    isIn: named(/^unknown type/),
    reasonNot: (component) => (isVoiceOverHttp(component) ? ONE_MESSAGE : undefined),
  },
  {
    name: 'giant message',
    isIn: named(/^giant message/),
    reasonNot: (component) => (isVoiceOverHttp(component) ? ONE_MESSAGE : undefined),
  },
  {
    name: 'empty result',
    isIn: named(/^(?:empty|no audio)/),
  },
  {
    name: 'duplicate messages',
    isIn: named(/^duplicate/),
    reasonNot: (component) => {
      if (isVoiceOverHttp(component)) return ONE_MESSAGE;
      const hasNoIdentity = component === gemini || component === chatCompletions;
      return hasNoIdentity
        ? 'the pieces of its answers have no numbers: who says a word twice may mean it'
        : undefined;
    },
  },
  {
    name: 'reordered messages',
    isIn: named(/^reordered/),
    reasonNot: (component) => {
      if (component === flux || component === nova) return undefined;
      if (component === responses) {
        return 'TCP keeps their order; the numbers of the events are used to find what comes twice';
      }
      return 'TCP keeps the order, and the messages have no numbers by which a mistake of the provider would show';
    },
  },
  {
    name: 'silence beyond the idle limit',
    isIn: named(/^silence/, 'between two operations'),
    reasonNot: ({ hurry }) =>
      hurry === undefined ? 'no limit is documented for a connection that is silent' : undefined,
  },
  {
    name: 'slow reader',
    isIn: named(/^slow reader/),
    reasonNot: (component) =>
      isRequest(component)
        ? 'a request is smaller than what networks hold: who reads none of it does not answer'
        : undefined,
  },
  { name: 'abort while connecting', isIn: named(/^abort/, 'connecting') },
  { name: 'abort before the first result', isIn: named(/^abort/, 'before the first result') },
  { name: 'abort in mid-stream', isIn: named(/^abort/, 'in mid-stream') },
  {
    name: 'close while connecting',
    isIn: named(/^end of the call/, 'connecting'),
    reasonNot: (component) =>
      component.role === 'stt' || component === openaiRealtime
        ? 'there is nothing to close yet: the end of the call aborts, as above, and the agent makes every other connection'
        : undefined,
  },
];
