import { expect, test } from 'vitest';

import { Circuit } from '../../src/fallback/circuit.ts';

const OPTIONS = { failureLimit: 2, retryAfterMs: 1000 };

test('opens at the limit of failures in a row, for its time', () => {
  const circuit = new Circuit(OPTIONS);
  circuit.failed(0);
  expect(circuit.isOpen(0)).toBe(false);
  circuit.failed(100);
  expect(circuit.isOpen(100)).toBe(true);
  expect(circuit.isOpen(1099)).toBe(true);
  expect(circuit.isOpen(1100)).toBe(false);
});

test('opens again with the first failure after its time, and closes with the first success', () => {
  const circuit = new Circuit(OPTIONS);
  circuit.failed(0);
  circuit.failed(0);
  expect(circuit.isOpen(1000)).toBe(false);
  circuit.failed(1000);
  expect(circuit.isOpen(1999)).toBe(true);
  expect(circuit.isOpen(2000)).toBe(false);
  circuit.succeeded();
  circuit.failed(2000);
  expect(circuit.isOpen(2000)).toBe(false);
});

test('forgets failures at a success, and those that are far apart', () => {
  const circuit = new Circuit(OPTIONS);
  circuit.failed(0);
  circuit.succeeded();
  circuit.failed(1);
  expect(circuit.isOpen(1)).toBe(false);
  circuit.failed(1002);
  expect(circuit.isOpen(1002)).toBe(false);
});

test('is not opened for longer by failures while it is open', () => {
  const circuit = new Circuit({ failureLimit: 1, retryAfterMs: 1000 });
  circuit.failed(0);
  circuit.failed(900);
  expect(circuit.isOpen(1000)).toBe(false);
});
