/**
 * Where our codec and Node's parser part on purpose. The differential test accepts no other difference,
 * and proves each entry by its example: one that has become untrue must go.
 */

export interface Difference {
  /** A fragment of our FramingError's message; for what Node refuses, its error code. */
  readonly pattern: RegExp;
  readonly why: string;
  /** The shortest message that shows it. */
  readonly example: string;
  /** Version of llhttp that agrees with us: from there on the example proves nothing. */
  readonly agreedIn?: string;
}

type Differences = Readonly<Record<'request' | 'response', readonly Difference[]>>;

const CHUNKED_ANSWER = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
const CHUNKED_REQUEST = 'POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n';

/** We refuse, Node accepts. */
export const WE_REFUSE: Differences = {
  request: [
    {
      pattern: /has two Host fields/,
      why: 'one of them would be routed by, the other forwarded',
      example: 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n',
    },
    {
      pattern: /has no Host field/,
      why: 'the oracle runs with requireHostHeader off',
      example: 'GET / HTTP/1.1\r\n\r\n',
    },
    {
      pattern: /in its Host field/,
      why: 'Node does not look into Host',
      example: 'GET / HTTP/1.1\r\nHost: a@b\r\n\r\n',
    },
    {
      pattern: /HTTP\/0\.9/,
      why: 'Node still reads a request line without a version',
      example: 'GET /\r\n\r\n',
    },
    {
      pattern: /neither a path nor a URL/,
      why: 'Node takes anything after an asterisk',
      example: 'GET *x HTTP/1.1\r\nHost: h\r\n\r\n',
    },
    {
      pattern: /more than one space in its request line/,
      why: 'Node skips spaces before the target',
      example: 'GET  / HTTP/1.1\r\nHost: h\r\n\r\n',
    },
    {
      pattern: /does not end in HTTP\/1/,
      why: 'Node skips spaces before the version',
      example: 'GET /  HTTP/1.1\r\nHost: h\r\n\r\n',
    },
    {
      pattern: /begins with empty lines/,
      why: 'one CRLF is passed over, not any number',
      example: '\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n',
    },
    {
      pattern: /carriage return without line feed/,
      why: 'before a request line, Node skips any CR and LF',
      example: '\rGET / HTTP/1.1\r\nHost: h\r\n\r\n',
    },
    {
      pattern: /Content-Length with leading zeros/,
      why: 'some read it as octal',
      example: 'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 01\r\n\r\nx',
    },
    {
      pattern: /Content-Length that is not a plain/,
      why: 'Node trims any white space around it',
      example: 'POST / HTTP/1.1\r\nHost: h\r\nContent-Length:  1 \r\n\r\nx',
    },
    {
      pattern: /Content-Length beyond 2\^53/,
      why: 'Node counts in 64 bits, JavaScript cannot',
      example: 'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9007199254740993\r\n\r\nx',
    },
    {
      pattern: /the Transfer-Encoding/,
      why: 'Node takes other codings in a line before the final chunked',
      example:
        'POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    },
    {
      pattern: /Transfer-Encoding in HTTP\/1\.0/,
      why: 'RFC 9112 §6.1: treat the framing as faulty',
      example: 'POST / HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    },
    {
      pattern: /chunk size beyond 2\^53/,
      why: 'as for Content-Length',
      example: `${CHUNKED_REQUEST}20000000000000\r\nx`,
    },
    {
      pattern: /after a chunk size/,
      why: 'Node takes an extension with "=" and no value',
      example: `${CHUNKED_REQUEST}1;a=\r\nx\r\n0\r\n\r\n`,
    },
    {
      pattern: /field in its trailers/,
      why: 'Node hands framing and routing trailers to the program',
      example: `${CHUNKED_REQUEST}0\r\nHost: other\r\n\r\n`,
    },
  ],
  response: [
    {
      pattern: /does not begin with HTTP\/1/,
      why: 'Node skips empty lines before a response too',
      example: '\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n',
    },
    {
      pattern: /line feed without carriage return/,
      why: 'the same, with a bare LF',
      example: '\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n',
    },
    {
      pattern: /carriage return without line feed/,
      why: 'Node took any byte for the LF of a status line',
      example: 'HTTP/1.1 200 OK\r\rA: b\r\nContent-Length: 0\r\n\r\n',
      agreedIn: '9.4',
    },
    {
      pattern: /control byte 0x\w\w in its reason phrase/,
      why: 'Node does not look into the reason',
      example: 'HTTP/1.1 200 O\0K\r\nContent-Length: 0\r\n\r\n',
    },
    {
      pattern: /two Transfer-Encoding fields/,
      why: 'Node joins them',
      example: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    },
    {
      pattern: /the Transfer-Encoding/,
      why: 'Node takes other codings, and reads on until EOF',
      example: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nx',
    },
    {
      pattern: /Transfer-Encoding in HTTP\/1\.0/,
      why: 'RFC 9112 §6.1: treat the framing as faulty',
      example: 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    },
    {
      pattern: /Content-Length with leading zeros/,
      why: 'some read it as octal',
      example: 'HTTP/1.1 200 OK\r\nContent-Length: 01\r\n\r\nx',
    },
    {
      pattern: /Content-Length that is not a plain/,
      why: 'Node trims any white space around it',
      example: 'HTTP/1.1 200 OK\r\nContent-Length:  1 \r\n\r\nx',
    },
    {
      pattern: /Content-Length beyond 2\^53/,
      why: 'Node counts in 64 bits, JavaScript cannot',
      example: 'HTTP/1.1 200 OK\r\nContent-Length: 9007199254740993\r\n\r\nx',
    },
    {
      pattern: /chunk size beyond 2\^53/,
      why: 'as for Content-Length',
      example: `${CHUNKED_ANSWER}20000000000000\r\nx`,
    },
    {
      pattern: /after a chunk size/,
      why: 'Node takes an extension with "=" and no value',
      example: `${CHUNKED_ANSWER}1;a=\r\nx\r\n0\r\n\r\n`,
    },
    {
      pattern: /field in its trailers/,
      why: 'Node hands framing and routing trailers to the program',
      example: `${CHUNKED_ANSWER}0\r\nSet-Cookie: a\r\n\r\n`,
    },
    {
      pattern: /status code below 100/,
      why: 'Node takes 0 to 999',
      example: 'HTTP/1.1 099 Odd\r\nContent-Length: 0\r\n\r\n',
    },
  ],
};

/** We accept, Node refuses. */
export const NODE_REFUSES: Differences = {
  request: [
    {
      pattern: /HPE_INVALID_METHOD/,
      why: 'Node knows a list of methods; a proxy passes any token',
      example: 'FROB / HTTP/1.1\r\nHost: h\r\n\r\n',
    },
    {
      pattern: /HPE_INVALID_URL/,
      why: 'bytes above 0x7f in a path pass; the host of an absolute-form is for core/net to read',
      example: 'GET /\xc3\xa9 HTTP/1.1\r\nHost: h\r\n\r\n',
    },
  ],
  response: [],
};
