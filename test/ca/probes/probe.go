// As probe.mjs, for Go.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
)

func main() {
	roots := x509.NewCertPool()
	pem, err := os.ReadFile(os.Args[1])
	if err != nil || !roots.AppendCertsFromPEM(pem) {
		panic(err)
	}
	for pairs := os.Args[2:]; len(pairs) > 1; pairs = pairs[2:] {
		fmt.Println(ask(pairs[0], pairs[1], roots))
	}
}

func ask(host, port string, roots *x509.CertPool) string {
	connection, err := tls.Dial("tcp", "127.0.0.1:"+port, &tls.Config{ServerName: host, RootCAs: roots})
	if err != nil {
		return err.Error()
	}
	defer connection.Close()
	fmt.Fprint(connection, "GET / HTTP/1.1\r\n\r\n")
	if n, _ := connection.Read(make([]byte, 100)); n == 0 {
		return "empty"
	}
	return "ok"
}
