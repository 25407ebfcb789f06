import { describe, expect, test } from 'vitest';

import { Conversation } from '../../src/conversation/conversation.ts';

describe('a conversation', () => {
  test('keeps what was said in order', () => {
    const conversation = new Conversation();
    const call = { id: 'call-1', name: 'weather', arguments: { city: 'Oslo' } };
    const result = { callId: 'call-1', name: 'weather', output: 'rain', success: true };
    conversation.addUser('What is the weather?', 'anna');
    conversation.addAssistant('Let me see.', [call], false);
    conversation.addToolResults([result]);
    conversation.addAssistant('It', [], true);
    conversation.addUser('Greet the user.');
    expect(conversation.messages).toEqual([
      { role: 'user', text: 'What is the weather?', participantId: 'anna' },
      { role: 'assistant', text: 'Let me see.', toolCalls: [call], interrupted: false },
      { role: 'tool', results: [result] },
      { role: 'assistant', text: 'It', toolCalls: [], interrupted: true },
      { role: 'user', text: 'Greet the user.' },
    ]);
  });

  test('has no word of an answer that nobody heard', () => {
    const conversation = new Conversation();
    conversation.addAssistant('', [], true);
    expect(conversation.messages).toEqual([]);
  });

  test('keeps tool calls that came without a word', () => {
    const conversation = new Conversation();
    conversation.addAssistant('', [{ id: '1', name: 'stop', arguments: {} }], false);
    expect(conversation.messages).toHaveLength(1);
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
