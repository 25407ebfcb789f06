// What is for tests works with plain Node.js, without any test runner.
import { asksFor, says, ScriptedLLM, TestSession } from '@vision-agents/core/testing';

const llm = new ScriptedLLM([asksFor([{ id: '1', name: 'none', arguments: {} }]), says('Hello.')]);
await using session = new TestSession({
  llm,
  logger: { debug() {}, info() {}, warn() {}, error() {} },
});
const reply = await session.userSays('Hi');
llm.script.verify();
console.log(JSON.stringify({ text: reply.text, success: reply.expectToolCall('none').success }));
