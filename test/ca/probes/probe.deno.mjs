// As probe.mjs, for Deno, whose TLS is rustls.
const [file, ...rest] = Deno.args;
const caCerts = [Deno.readTextFileSync(file)];

for (let i = 0; i < rest.length; i += 2) {
  try {
    const raw = await Deno.connect({ hostname: '127.0.0.1', port: Number(rest[i + 1]) });
    const tls = await Deno.startTls(raw, { hostname: rest[i], caCerts });
    await tls.write(new TextEncoder().encode('GET / HTTP/1.1\r\n\r\n'));
    console.log((await tls.read(new Uint8Array(100))) ? 'ok' : 'empty');
    tls.close();
  } catch (error) {
    console.log(String(error).split('\n')[0]);
  }
}
