// The Go SDK, as most programs use it. Makes the calls that the command line names (see ../../programs/calls.mjs).
package main

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"strings"

	"github.com/anthropics/anthropic-sdk-go"
	"github.com/anthropics/anthropic-sdk-go/option"
)

type failure struct {
	Name   string `json:"name"`
	Status int    `json:"status"`
}

type report struct {
	Ok    bool     `json:"ok"`
	Text  string   `json:"text,omitempty"`
	Error *failure `json:"error,omitempty"`
}

func main() {
	client := anthropic.NewClient()
	for _, word := range os.Args[1:] {
		way, retry, _ := strings.Cut(word, "-")
		retries := 0
		if retry == "retry" {
			retries = 2
		}
		text, err := call(client, way == "stream", retries)
		line := report{Ok: err == nil, Text: text}
		if err != nil {
			line.Text = ""
			line.Error = &failure{Name: err.Error()}
			var known *anthropic.Error
			if errors.As(err, &known) {
				line.Error = &failure{Name: "anthropic.Error", Status: known.StatusCode}
			}
		}
		json.NewEncoder(os.Stdout).Encode(line)
	}
}

func call(client anthropic.Client, stream bool, retries int) (string, error) {
	request := anthropic.MessageNewParams{
		Model:     "claude-opus-5-5",
		MaxTokens: 256,
		Messages:  []anthropic.MessageParam{anthropic.NewUserMessage(anthropic.NewTextBlock("Say hello."))},
	}
	options := option.WithMaxRetries(retries)
	message := anthropic.Message{}
	if stream {
		events := client.Messages.NewStreaming(context.Background(), request, options)
		for events.Next() {
			if err := message.Accumulate(events.Current()); err != nil {
				return "", err
			}
		}
		if err := events.Err(); err != nil {
			return "", err
		}
	} else {
		whole, err := client.Messages.New(context.Background(), request, options)
		if err != nil {
			return "", err
		}
		message = *whole
	}
	text := ""
	for _, block := range message.Content {
		text += block.Text
	}
	return text, nil
}
