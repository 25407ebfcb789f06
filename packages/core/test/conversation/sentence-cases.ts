/** A text and the pieces that it is cut into. */
export type SentenceCase = readonly [text: string, pieces: readonly string[]];

/** Sentences of many kinds; none is so long that a clause of it is handed over before. */
export const SENTENCE_CASES: readonly SentenceCase[] = [
  ['Hello there. How are you? Fine!', ['Hello there.', 'How are you?', 'Fine!']],
  ['Really?! Yes.', ['Really?!', 'Yes.']],
  ['What?!?! No!!! Yes.', ['What?!?!', 'No!!!', 'Yes.']],
  ['Without an end', ['Without an end']],
  ['', []],
  [' \n\t ', []],

  // Abbreviations
  ['Dr. Smith met Mrs. Jones. They spoke.', ['Dr. Smith met Mrs. Jones.', 'They spoke.']],
  ['Mr. and Mrs. Smith vs. Jones. Done.', ['Mr. and Mrs. Smith vs. Jones.', 'Done.']],
  ['Fruit, e.g. apples, i.e. this. Yes.', ['Fruit, e.g. apples, i.e. this.', 'Yes.']],
  ['(Prof. Green) said so. Yes.', ['(Prof. Green) said so.', 'Yes.']],
  ['**Dr. Green** said so. Yes.', ['**Dr. Green** said so.', 'Yes.']],
  ['**Dr.** Green said so. Yes.', ['**Dr.** Green said so.', 'Yes.']],
  ['Apples, pears, etc. are fruit. Yes.', ['Apples, pears, etc. are fruit.', 'Yes.']],
  ['Apples, etc. (and pears). Yes.', ['Apples, etc. (and pears).', 'Yes.']],
  ['Apples, pears, etc. That is all.', ['Apples, pears, etc.', 'That is all.']],
  ['At 5 p.m. we close. See you.', ['At 5 p.m. we close.', 'See you.']],
  ['We close at 5 p.m. Goodbye.', ['We close at 5 p.m.', 'Goodbye.']],
  ['We close at 5 p.m.', ['We close at 5 p.m.']],
  ['She has a Ph.D. in it. Good.', ['She has a Ph.D. in it.', 'Good.']],
  ['Apple Inc. is big. So is Foo Ltd. Bye.', ['Apple Inc. is big.', 'So is Foo Ltd.', 'Bye.']],
  ['See No. 5 for it. Yes.', ['See No. 5 for it.', 'Yes.']],
  ['On Oct. 5 we meet. Yes.', ['On Oct. 5 we meet.', 'Yes.']],
  ['No. That is wrong.', ['No.', 'That is wrong.']],
  ['Is it? No. ', ['Is it?', 'No.']],

  // Abbreviations of other languages
  ['Hr. Dr. Müller kommt bzw. geht. Gut.', ['Hr. Dr. Müller kommt bzw. geht.', 'Gut.']],
  ['Obst, z. B. Äpfel, d. h. viel. Ja.', ['Obst, z. B. Äpfel, d. h. viel.', 'Ja.']],
  ['Obst, z.B. Äpfel, u.a. Ananas. Ja.', ['Obst, z.B. Äpfel, u.a. Ananas.', 'Ja.']],
  ['Äpfel, Birnen usw. Das ist Obst.', ['Äpfel, Birnen usw.', 'Das ist Obst.']],
  ['Ca. 5 Leute, max. 6. Ja.', ['Ca. 5 Leute, max. 6.', 'Ja.']],
  ['M. Dupont et Mme. Durand. Oui.', ['M. Dupont et Mme. Durand.', 'Oui.']],
  ['Des fruits, p. ex. des pommes. Oui.', ['Des fruits, p. ex. des pommes.', 'Oui.']],
  ['El Sr. García y la Sra. Paz. Sí.', ['El Sr. García y la Sra. Paz.', 'Sí.']],
  ['EE. UU. es grande. Gracias a Ud. Adiós.', ['EE. UU. es grande.', 'Gracias a Ud.', 'Adiós.']],
  ['Véase pág. 5. ¿Sí? ¡Claro!', ['Véase pág. 5.', '¿Sí?', '¡Claro!']],
  ['Il sig. Rossi e la dott.ssa Neri. Sì.', ['Il sig. Rossi e la dott.ssa Neri.', 'Sì.']],
  ['Mele, pere ecc. Così è. Poi no.', ['Mele, pere ecc.', 'Così è.', 'Poi no.']],
  ['O Sr. Silva e a Dra. Luz. Sim.', ['O Sr. Silva e a Dra. Luz.', 'Sim.']],
  ['Dhr. De Vries, bijv. vandaag. Ja.', ['Dhr. De Vries, bijv. vandaag.', 'Ja.']],
  ['Appels enz. Dan niet.', ['Appels enz.', 'Dan niet.']],

  // Initials
  ['J. R. R. Tolkien wrote it. I read it.', ['J. R. R. Tolkien wrote it.', 'I read it.']],
  ['J.K. Rowling wrote it. Yes.', ['J.K. Rowling wrote it.', 'Yes.']],
  ['The U.S. is big. So is Ö. Österreich.', ['The U.S. is big.', 'So is Ö. Österreich.']],
  ['I live in the U.S. It is big.', ['I live in the U.S.', 'It is big.']],
  ['The U.S. Army. Plan B. It works.', ['The U.S. Army.', 'Plan B.', 'It works.']],
  ['So do I. Peter too.', ['So do I.', 'Peter too.']],
  ['Find x. Then y. Siehe z. B. hier.', ['Find x.', 'Then y. Siehe z. B. hier.']],
  ['Bob, a.k.a. Rob, did. Yes', ['Bob, a.k.a. Rob, did.', 'Yes']],
  ["That's it. I don't. Ok.", ["That's it.", "I don't.", 'Ok.']],

  // Numbers, dates and addresses
  ['It costs 3.50 dollars. Yes.', ['It costs 3.50 dollars.', 'Yes.']],
  ['Es kostet 1.000,5 Euro. Ja.', ['Es kostet 1.000,5 Euro.', 'Ja.']],
  ['I am 42. You are 6.', ['I am 42.', 'You are 6.']],
  ['In 1999. Then in 2001. Now.', ['In 1999.', 'Then in 2001.', 'Now.']],
  ['Pi is 3.14159. Version 2.0. Good.', ['Pi is 3.14159.', 'Version 2.0.', 'Good.']],
  ['Use v2.0. Or v2.0.1-beta.3! Ok.', ['Use v2.0.', 'Or v2.0.1-beta.3!', 'Ok.']],
  ['Am 3. Oktober kam er. Ja.', ['Am 3. Oktober kam er.', 'Ja.']],
  ['Den 3. oktober kom han. Ja.', ['Den 3. oktober kom han.', 'Ja.']],
  ['Am 3. 10. 2024 kam er. Ja.', ['Am 3. 10. 2024 kam er.', 'Ja.']],
  ['Am 3.10. um 8 Uhr. Ja.', ['Am 3.10. um 8 Uhr.', 'Ja.']],
  ['Im 19. Jahrhundert. Ich bin 6. Du?', ['Im 19. Jahrhundert.', 'Ich bin 6.', 'Du?']],
  [
    'Visit https://a.example/x.html?y=1.5. Then call.',
    ['Visit https://a.example/x.html?y=1.5.', 'Then call.'],
  ],
  ['See www.example.com. Thanks.', ['See www.example.com.', 'Thanks.']],
  ['See example.com/a.b. Then go.', ['See example.com/a.b.', 'Then go.']],
  ['Open notes.v1.txt. Or src/a.ts! Ok.', ['Open notes.v1.txt.', 'Or src/a.ts!', 'Ok.']],
  ['Write to a.b@c.example! Bye.', ['Write to a.b@c.example!', 'Bye.']],
  ['Was it a.example/b?c=d&e=!f? No.', ['Was it a.example/b?c=d&e=!f?', 'No.']],

  // Lists, headings and paragraphs
  [
    'Here it is:\n1. Apples\n2. Pears\n\nThat is all.',
    ['Here it is:', '1. Apples', '2. Pears', 'That is all.'],
  ],
  ['1. First\n2. Second', ['1. First', '2. Second']],
  ['a. first\nb. second', ['a. first', 'b. second']],
  ['A. The one\nB. It is', ['A. The one', 'B. It is']],
  ['- a\n- b', ['- a', '- b']],
  ['* one. Two\n* three\nand so on', ['* one.', 'Two', '* three', 'and so on']],
  ['- One. Two\nand three', ['- One.', 'Two', 'and three']],
  ['> **3.** Third\n> next', ['> **3.** Third', '> next']],
  ['10. Ten\n\n11. Eleven', ['10. Ten', '11. Eleven']],
  ['# A heading\ntext. More', ['# A heading', 'text.', 'More']],
  ['A heading\n\nA text.', ['A heading', 'A text.']],
  ['a heading\n \na text', ['a heading', 'a text']],
  ['| a | b |\r\n| c | d |\r\nok', ['| a | b |', '| c | d |', 'ok']],
  ['```js\nlet x = 1.5;\n```\nok', ['```js', 'let x = 1.5;', '```', 'ok']],
  ['Text that was\nwrapped here. Yes', ['Text that was\nwrapped here.', 'Yes']],
  ['Roses are red\nViolets are blue', ['Roses are red', 'Violets are blue']],
  ['Yes.\nNo.\nMaybe.', ['Yes.', 'No.', 'Maybe.']],

  // Ellipses
  ['Well... I think so. Maybe… yes.', ['Well...', 'I think so.', 'Maybe… yes.']],
  ['Well... maybe. Hm… Yes.', ['Well... maybe.', 'Hm…', 'Yes.']],
  ['Wait...what? Yes.', ['Wait...what?', 'Yes.']],
  ['And then...', ['And then...']],

  // Quotes, brackets and emphasis
  ['He said "Go." Then he left.', ['He said "Go."', 'Then he left.']],
  ['“Go!” she said. ‘No.’ Yes.', ['“Go!” she said.', '‘No.’', 'Yes.']],
  ['„Ja.“ Dann »Nein!« sagte er. Gut.', ['„Ja.“', 'Dann »Nein!« sagte er.', 'Gut.']],
  ['« Oui ! » dit-il. « Non. » Puis.', ['« Oui ! » dit-il.', '« Non. »', 'Puis.']],
  [
    '«\u00A0Oui\u202F!\u00A0» Puis «\u00A0Non.\u00A0»',
    ['«\u00A0Oui\u202F!\u00A0»', 'Puis «\u00A0Non.\u00A0»'],
  ],
  ['(Really?) Yes. [So.] Good.', ['(Really?)', 'Yes.', '[So.]', 'Good.']],
  ['It (really?) is. Ok', ['It (really?) is.', 'Ok']],
  ['Was it "Why?"? Yes.', ['Was it "Why?"?', 'Yes.']],
  ['It is **bold.** Then *this!* Ok.', ['It is **bold.**', 'Then *this!*', 'Ok.']],
  ['Great! 😊 How are you?', ['Great!', '😊 How are you?']],

  // Scripts without spaces
  ['你好。你是谁？我很好！', ['你好。', '你是谁？', '我很好！']],
  ['「你好。」他说。走吧！', ['「你好。」', '他说。', '走吧！']],
  ['ありがとう！！本当に？はい。', ['ありがとう！！', '本当に？', 'はい。']],
  ['価格は3.5ドルです。次へ。', ['価格は3.5ドルです。', '次へ。']],
  ['สวัสดีครับ ยินดีต้อนรับ', ['สวัสดีครับ ยินดีต้อนรับ']],

  // Scripts with signs of their own
  ['नमस्ते। आप कैसे हैं? ठीक हूँ।', ['नमस्ते।', 'आप कैसे हैं?', 'ठीक हूँ।']],
  ['श्लोक॥ अगला।', ['श्लोक॥', 'अगला।']],
  ['كيف حالك؟ بخير. شكرا!', ['كيف حالك؟', 'بخير.', 'شكرا!']],
  ['یہ ہے۔ وہ ہے۔', ['یہ ہے۔', 'وہ ہے۔']],
  ['안녕하세요. 반갑습니다!', ['안녕하세요.', '반갑습니다!']],
  ['Как дела? Хорошо. Это я. Да.', ['Как дела?', 'Хорошо.', 'Это я.', 'Да.']],
];

/** Answers whose first clause can be spoken while the rest is written, and such as have none. */
export const CLAUSE_CASES: readonly SentenceCase[] = [
  [
    'I can certainly help you with that, if you tell me more about it. And there is much more of that to come, if you would like it.',
    [
      'I can certainly help you with that,',
      'if you tell me more about it.',
      'And there is much more of that to come, if you would like it.',
    ],
  ],
  [
    'The capital of Australia is Canberra; it was planned.',
    ['The capital of Australia is Canberra;', 'it was planned.'],
  ],
  [
    'The capital of Australia is this: the city of Canberra.',
    ['The capital of Australia is this:', 'the city of Canberra.'],
  ],
  [
    'The capital of Australia is Canberra — a planned city.',
    ['The capital of Australia is Canberra —', 'a planned city.'],
  ],
  [
    'The capital of Australia is Canberra - a planned city.',
    ['The capital of Australia is Canberra -', 'a planned city.'],
  ],
  [
    '当然可以，我很乐意帮助您解决这个问题，请您告诉我更多细节。',
    ['当然可以，我很乐意帮助您解决这个问题，', '请您告诉我更多细节。'],
  ],
  [
    'สวัสดีครับ ยินดีต้อนรับสู่ร้านของเรา วันนี้มีอะไรให้ช่วยไหมครับ',
    ['สวัสดีครับ ยินดีต้อนรับสู่ร้านของเรา', 'วันนี้มีอะไรให้ช่วยไหมครับ'],
  ],

  // Too short, or too little behind it
  ['Yes, I can.', ['Yes, I can.']],
  ['Well, yes, of course I can do that for you', ['Well, yes, of course I can do that for you']],
  [
    'I can certainly help you with that, sir. Good.',
    ['I can certainly help you with that, sir.', 'Good.'],
  ],
  ["You can certainly help me there, can't you?", ["You can certainly help me there, can't you?"]],
  ['I can certainly help you with that, sir', ['I can certainly help you with that, sir']],

  // Within what belongs together
  [
    'The whole of it costs about 12, 13 or 14 pounds in all.',
    ['The whole of it costs about 12, 13 or 14 pounds in all.'],
  ],
  [
    'The whole of it costs you about 12,500 pounds in all.',
    ['The whole of it costs you about 12,500 pounds in all.'],
  ],
  [
    'It begins at a quarter to 10:30 or some time after that.',
    ['It begins at a quarter to 10:30 or some time after that.'],
  ],
  [
    'You find it at https://a.example/b,c;d:e-f in our papers.',
    ['You find it at https://a.example/b,c;d:e-f in our papers.'],
  ],
  [
    'It is about all of the pre- and postwar architecture.',
    ['It is about all of the pre- and postwar architecture.'],
  ],
  [
    'It is a well-known and long-standing habit of mine here.',
    ['It is a well-known and long-standing habit of mine here.'],
  ],
  [
    'He told us “it is long, with commas, and more of it” and then, so it seems, he left.',
    ['He told us “it is long, with commas, and more of it” and then,', 'so it seems, he left.'],
  ],
  [
    'He told us "it is long, with commas, and more of it" yes.',
    ['He told us "it is long, with commas, and more of it" yes.'],
  ],
  [
    'Er sagte „es ist lang, mit Kommas, und noch mehr davon“ da.',
    ['Er sagte „es ist lang, mit Kommas, und noch mehr davon“ da.'],
  ],
  [
    'It is open (on all days, but not in the night, of course) yes',
    ['It is open (on all days, but not in the night, of course) yes'],
  ],
];
