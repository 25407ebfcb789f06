/** What each fault of the page is. A name covers those that begin with it. */
export const GLOSSARY: Readonly<Record<string, string>> = {
  'closed port': 'nobody listens at the address',
  'unknown host': 'the name of the host has no address',
  'no answer': 'somebody listens and never says a word',
  'reset before an answer':
    'the connection is torn down by a TCP reset as soon as something is asked',
  'end before an answer': 'the connection ends in good order as soon as something is asked',
  'an answer that is no HTTP': 'whoever listens speaks another protocol',
  'a web page in place of the service':
    'a page with status 200, as networks send at which one has to sign in first',
  'HTTP ': 'the request, or the upgrade to a WebSocket, is refused with this status',
  handshake: 'the upgrade to a WebSocket is refused with this status',
  'hung upgrade': 'the upgrade to a WebSocket is never answered',
  hung: 'the request is never answered',
  'no session': 'the WebSocket opens and the session never begins',
  'no setup complete': 'the WebSocket opens and the session never begins',
  'session expired': 'the provider says that the session has been open for too long',
  'wrong session': 'the session that begins is another one than was asked for',
  'transcription failed': 'the provider says of an utterance that it cannot be written down',
  'no transcript': 'the end of an utterance is told, and what it was never comes',
  'refused session': 'the WebSocket opens and the session is refused',
  'setup refused': 'the WebSocket opens and the session is refused',
  'setup wrong key': 'the WebSocket opens, and the session is refused for its key',
  quota: 'the request is refused: the account has no more money',
  reset: 'the connection is torn down by a TCP reset',
  eof: 'the answer ends in good order, and too early',
  'clean close': 'the provider closes the WebSocket in good order, and too early',
  'provider close': 'the provider closes the WebSocket with this code and reason',
  'error message': 'the provider says in a message that something failed',
  'error event': 'the provider says in an event that something failed',
  failed: 'the provider says in its last event that the answer failed',
  stall: 'nothing comes any more, and the connection stays open',
  mute: 'nothing comes any more, not even the answer to a ping',
  'giant message': 'a message of more than 16 MiB; over HTTP, of more than 1 MiB',
  'duplicate messages':
    'from now on each message comes twice, but for audio and pieces of text, which have no identity',
  'reordered messages': 'from now on every second message comes before the first',
  'silence beyond the idle limit':
    'nobody says anything for more than twice as long as the provider waits before it hangs up',
  'silence, and hung up on': 'the same, and what should keep the connection comes too late',
  'slow reader': 'the provider reads nothing any more, and answers no ping',
  'never ends': 'all of the audio comes, and the end of it is never told',
  'never final': 'all of the audio comes, and the end of it is never told',
  'malformed json': 'a message breaks off in the middle of its JSON',
  'wrong types': 'a message has fields of types that they should not have',
  'unknown type': 'a message is of a type that nobody knows',
  warning: 'a message warns of something',
  'empty transcript': 'a turn ends without words',
  'no speech final': 'the end of the speech is not told: only that the utterance is over',
  'no timestamps': 'the times of the words do not come',
  'no audio': 'the end of the audio comes, and none before it',
  'odd sized audio': 'samples are cut in half between two chunks',
  'odd chunks': 'samples are cut in half between two chunks',
  'empty audio': 'a chunk has nothing in it',
  empty: 'the answer has nothing in it',
  safety: 'the prompt is blocked: an answer without words',
  refusal: 'the model declines, in words of its own',
  'content filter': 'the answer is cut by a filter',
  'max tokens': 'the answer is cut at its greatest length',
  'no usage': 'the tokens that were used are not told',
  'no done': 'the mark at the end of the stream is missing',
  'go away': 'the provider says that it will close the connection soon',
  abort: 'what was asked for is not wanted any more, as at an interruption',
  'end of the call': 'the call ends, and the component is closed',
};

/** The entry that explains a fault. @throws when there is none */
export function entryOf(fault: string): string {
  const names = Object.keys(GLOSSARY).filter((name) => fault.startsWith(name));
  const longest = names.toSorted((one, other) => other.length - one.length)[0];
  if (longest === undefined) throw new Error(`the glossary does not explain "${fault}"`);
  return longest;
}
