import { describe, expect, test } from 'vitest';

import { Conversation } from '../../src/conversation/conversation.ts';

const CALL = { id: 'call-1', name: 'weather', arguments: { city: 'Oslo' } };
const RESULT = { callId: 'call-1', name: 'weather', output: 'rain', success: true };

describe('a conversation', () => {
  test('keeps what was said in order', () => {
    const conversation = new Conversation();
    conversation.addUser('What is the weather?', 'anna');
    conversation.addToolRound({
      text: 'Let me see.',
      toolCalls: [CALL],
      results: [RESULT],
      interrupted: false,
    });
    conversation.addAssistant('It', true);
    conversation.addUser('Greet the user.');
    expect(conversation.messages).toEqual([
      { role: 'user', text: 'What is the weather?', participantId: 'anna' },
      { role: 'assistant', text: 'Let me see.', toolCalls: [CALL], interrupted: false },
      { role: 'tool', results: [RESULT] },
      { role: 'assistant', text: 'It', toolCalls: [], interrupted: true },
      { role: 'user', text: 'Greet the user.' },
    ]);
  });

  test('has no word of an answer that nobody heard', () => {
    const conversation = new Conversation();
    conversation.addAssistant('', true);
    expect(conversation.messages).toEqual([]);
  });

  test('keeps tool calls that came without a word', () => {
    const conversation = new Conversation();
    const round = { text: '', toolCalls: [CALL], results: [RESULT], interrupted: false };
    conversation.addToolRound(round);
    expect(conversation.messages).toHaveLength(2);
  });

  test('gives out copies, which stay as they were', () => {
    const conversation = new Conversation();
    conversation.addUser('One');
    const before = conversation.messages;
    conversation.addUser('Two');
    expect(before).toHaveLength(1);
    expect(conversation.messages).toHaveLength(2);
  });
});

describe('a round of tools that is in the conversation already', () => {
  const OTHER = { ...RESULT, callId: 'call-2', output: 'running' };

  function conversationWithRound() {
    const conversation = new Conversation();
    conversation.addUser('What is the weather?');
    const entry = conversation.addToolRound({
      text: 'Let me see what there is.',
      toolCalls: [CALL, { ...CALL, id: 'call-2' }],
      results: [RESULT, OTHER],
      interrupted: false,
    });
    conversation.addUser('Well?');
    return { conversation, entry };
  }

  test('gets a late result in its place, whatever was said since', () => {
    const { conversation, entry } = conversationWithRound();
    const before = conversation.messages;
    entry.settle({ ...OTHER, output: 'snow' });
    expect(conversation.messages).toMatchObject([
      { role: 'user' },
      { role: 'assistant' },
      { role: 'tool', results: [RESULT, { ...OTHER, output: 'snow' }] },
      { role: 'user', text: 'Well?' },
    ]);
    // A request that is under way is not changed behind its back.
    expect(before[2]).toEqual({ role: 'tool', results: [RESULT, OTHER] });
  });

  test('keeps only the words that were heard, and both changes', () => {
    const { conversation, entry } = conversationWithRound();
    entry.cutTo('Let me', true);
    entry.settle({ ...OTHER, output: 'snow' });
    expect(conversation.messages.slice(1, 3)).toMatchObject([
      { text: 'Let me', interrupted: true, toolCalls: [{ id: 'call-1' }, { id: 'call-2' }] },
      { results: [{ output: 'rain' }, { output: 'snow' }] },
    ]);
  });
});
