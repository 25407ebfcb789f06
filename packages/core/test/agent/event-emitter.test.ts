import { expect, test } from 'vitest';

import { EventEmitter } from '../../src/agent/event-emitter.ts';
import { RecordingLogger, settled } from '../../src/testing/index.ts';

interface Events {
  readonly word: string;
}

test('tells all listeners of an event, in the order in which they came, until they leave', () => {
  const emitter = new EventEmitter<Events>(new RecordingLogger());
  const heard: string[] = [];
  const leave = emitter.on('word', (word) => heard.push(`first ${word}`));
  emitter.on('word', (word) => heard.push(`second ${word}`));
  emitter.emit('word', 'yes');
  leave();
  leave();
  emitter.emit('word', 'no');
  expect(heard).toEqual(['first yes', 'second yes', 'second no']);
});

test('logs what an async listener rejects with', async () => {
  const logger = new RecordingLogger();
  const emitter = new EventEmitter<Events>(logger);
  const error = new Error('a bad listener');
  emitter.on('word', (): unknown => Promise.reject(error));
  emitter.emit('word', 'yes');
  await settled();
  expect(logger.entries).toMatchObject([{ level: 'error', fields: { event: 'word', error } }]);
});

test('logs what a listener throws and goes on with the next', () => {
  const logger = new RecordingLogger();
  const emitter = new EventEmitter<Events>(logger);
  const heard: string[] = [];
  const error = new Error('a bad listener');
  emitter.on('word', () => {
    throw error;
  });
  emitter.on('word', (word) => heard.push(word));
  emitter.emit('word', 'yes');
  expect(heard).toEqual(['yes']);
  expect(logger.entries).toMatchObject([{ level: 'error', fields: { event: 'word', error } }]);
});
