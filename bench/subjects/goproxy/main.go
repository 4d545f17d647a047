// goproxy as its documentation sets it up: a certificate store, a pooling transport, no logging.
// usage: bench-goproxy PORT pass|inject|tunnel CA_CERT CA_KEY UPSTREAM_CA BODY ORIGIN
// ORIGIN: host:port that origin-form requests go to, over TLS; may be empty.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/elazarl/goproxy"
)

// certificates keeps what was signed, as the README recommends.
type certificates struct{ byHost sync.Map }

func (c *certificates) Fetch(host string, make func() (*tls.Certificate, error)) (*tls.Certificate, error) {
	if known, ok := c.byHost.Load(host); ok {
		return known.(*tls.Certificate), nil
	}
	made, err := make()
	if err == nil {
		c.byHost.Store(host, made)
	}
	return made, err
}

func main() {
	if len(os.Args) != 8 {
		log.Fatal("usage: bench-goproxy PORT pass|inject|tunnel CA_CERT CA_KEY UPSTREAM_CA BODY ORIGIN")
	}
	port, task, body, origin := os.Args[1], os.Args[2], os.Args[6], os.Args[7]
	ca, err := tls.LoadX509KeyPair(os.Args[3], os.Args[4])
	if err != nil {
		log.Fatal(err)
	}
	pem, err := os.ReadFile(os.Args[5])
	if err != nil {
		log.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)

	proxy := goproxy.NewProxyHttpServer()
	proxy.CertStore = &certificates{}
	proxy.KeepAcceptEncoding = true
	proxy.Tr = &http.Transport{
		TLSClientConfig:     &tls.Config{RootCAs: roots},
		MaxIdleConnsPerHost: 256,
		IdleConnTimeout:     90 * time.Second,
		DisableCompression:  true,
	}
	if task != "tunnel" {
		mitm := &goproxy.ConnectAction{Action: goproxy.ConnectMitm, TLSConfig: goproxy.TLSConfigFromCA(&ca)}
		proxy.OnRequest().HandleConnectFunc(func(host string, _ *goproxy.ProxyCtx) (*goproxy.ConnectAction, string) {
			return mitm, host
		})
	}
	if origin != "" {
		proxy.NonproxyHandler = http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
			request.URL.Scheme, request.URL.Host = "https", origin
			proxy.ServeHTTP(w, request)
		})
	}
	if task == "inject" {
		proxy.OnRequest().DoFunc(func(request *http.Request, _ *goproxy.ProxyCtx) (*http.Request, *http.Response) {
			// The request is read before it is answered, as every other subject does.
			_, _ = io.Copy(io.Discard, request.Body)
			return request, &http.Response{
				StatusCode: 529,
				ProtoMajor: 1,
				ProtoMinor: 1,
				Request:    request,
				Header: http.Header{
					"Content-Type":   {"application/json"},
					"Request-Id":     {"req_011CSHoEeqs5C35K2UUqR7Fy"},
					"X-Should-Retry": {"true"},
				},
				ContentLength: int64(len(body)),
				Body:          io.NopCloser(strings.NewReader(body)),
			}
		})
	}
	log.Fatal(http.ListenAndServe("127.0.0.1:"+port, proxy))
}
