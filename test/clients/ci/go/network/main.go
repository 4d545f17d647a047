// Go through a CONNECT proxy, by net/http or the SDK (see ../../../programs/network/calls.py for what it is told and says).
package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/anthropics/anthropic-sdk-go"
	"github.com/anthropics/anthropic-sdk-go/option"
)

const body = `{"model":"claude-opus-5-5","max_tokens":64,"messages":[{"role":"user","content":"Say hello."}]}`

func main() {
	way, version := os.Args[1], uint16(tls.VersionTLS13)
	if os.Args[2] == "1.2" {
		version = tls.VersionTLS12
	}
	seconds, _ := strconv.ParseFloat(os.Args[3], 64)
	for _, word := range os.Args[4:] {
		port, pause, twice := strings.Cut(word, "+")
		proxy := &url.URL{Scheme: "http", Host: "127.0.0.1:" + port}
		client := &http.Client{
			Timeout: time.Duration(seconds * float64(time.Second)),
			Transport: &http.Transport{
				Proxy:           http.ProxyURL(proxy),
				TLSClientConfig: &tls.Config{MinVersion: version, MaxVersion: version},
			},
		}
		call := byHTTP(client)
		if way == "sdk" {
			call = bySDK(client)
		}
		err := call()
		if err == nil && twice {
			ms, _ := strconv.Atoi(pause)
			time.Sleep(time.Duration(ms) * time.Millisecond)
			err = call()
		}
		said := []string{}
		if err != nil {
			said = chain(err)
		}
		json.NewEncoder(os.Stdout).Encode(said)
	}
}

func byHTTP(client *http.Client) func() error {
	return func() error {
		request, _ := http.NewRequest("POST", "https://api.anthropic.com/v1/messages", bytes.NewBufferString(body))
		request.Header.Set("content-type", "application/json")
		request.Header.Set("x-api-key", "sk-ant-dummy")
		request.Header.Set("anthropic-version", "2023-06-01")
		answer, err := client.Do(request)
		if err != nil {
			return err
		}
		defer answer.Body.Close()
		_, err = io.ReadAll(answer.Body)
		return err
	}
}

func bySDK(client *http.Client) func() error {
	api := anthropic.NewClient(option.WithHTTPClient(client), option.WithMaxRetries(0))
	return func() error {
		_, err := api.Messages.New(context.Background(), anthropic.MessageNewParams{
			Model:     "claude-opus-5-5",
			MaxTokens: 64,
			Messages:  []anthropic.MessageParam{anthropic.NewUserMessage(anthropic.NewTextBlock("Say hello."))},
		})
		return err
	}
}

// The error that reached the program by its type, and the innermost by type and words. Words end before what changes
// from run to run.
func chain(err error) []string {
	root := err
	for next := errors.Unwrap(root); next != nil; next = errors.Unwrap(root) {
		root = next
	}
	words, _, _ := strings.Cut(root.Error(), ": current time")
	inner := fmt.Sprintf("%T %q", root, words)
	if root == err {
		return []string{inner}
	}
	return []string{fmt.Sprintf("%T", err), inner}
}
