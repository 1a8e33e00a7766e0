package main

import (
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
)

// customers is what the processor's own store gives out: made-up people.
const customers = `{"customers":[` +
	`{"id":"c-1001","first_name":"Erika","last_name":"Musterfrau","email":"erika.musterfrau@example.org",` +
	`"phone":"+49 30 23125 101","street":"Musterstraße 12","postal_code":"10115","city":"Berlin"},` +
	`{"id":"c-1002","first_name":"Max","last_name":"Mustermann","email":"max.mustermann@example.org",` +
	`"phone":"+49 30 23125 102","street":"Beispielweg 3","postal_code":"20095","city":"Hamburg"}]}`

// replies are chosen by the host asked for; "{}" is the answer of all others.
var replies = map[string]string{
	"services.leadconnectorhq.com": `{"contact":{"id":"ocQHyuzHvysMo5N5VsXc","locationId":"C2QujeCh8ZnC7al2InWR"},"traceId":"t-1"}`,
	"graph.facebook.com":           `{"messaging_product":"whatsapp","messages":[{"id":"wamid.HBgNexample","message_status":"accepted"}]}`,
	"api.twilio.com":               `{"sid":"SM00000000000000000000000000000001","status":"queued","num_segments":"1"}`,
	"api.dublin.ie1.twilio.com":    `{"sid":"SM00000000000000000000000000000002","status":"queued","num_segments":"1"}`,
	"api.synthflow.ai":             `{"status":"ok","response":{"call_id":"call-2001","answer":"queued"}}`,
	"api.eu.synthflow.ai":          `{"status":"ok","response":{"call_id":"call-2002","answer":"queued"}}`,
	"api.openai.com":               `{"id":"chatcmpl-1","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"Gern, ich habe den Termin eingetragen."},"finish_reason":"stop"}]}`,
	"eu.api.openai.com":            `{"id":"chatcmpl-2","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"Gern, ich habe den Termin eingetragen."},"finish_reason":"stop"}]}`,
	"api.anthropic.com":            `{"id":"msg_01","type":"message","role":"assistant","content":[{"type":"text","text":"Der Kunde bittet um einen Rückruf."}],"stop_reason":"end_turn"}`,
}

// answer reads the whole request, as a service does, and replies for the host that it names.
func answer(w http.ResponseWriter, r *http.Request) {
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		return
	}
	name := r.Host
	if bare, _, err := net.SplitHostPort(r.Host); err == nil {
		name = bare
	}
	switch {
	case strings.HasPrefix(r.URL.Path, "/customers"):
		list(w, r)
	case strings.Contains(r.URL.Path, "streamGenerateContent"):
		stream(w)
	default:
		body, known := replies[name]
		if !known {
			body = "{}"
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintln(w, body)
	}
}

// list gives the customers: compressed if the client takes that, in chunks if the path asks for it.
func list(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		w.Header().Set("Content-Encoding", "gzip")
		packed := gzip.NewWriter(w)
		defer packed.Close()
		io.WriteString(packed, customers)
		return
	}
	if !strings.HasSuffix(r.URL.Path, "/export") {
		io.WriteString(w, customers)
		return
	}
	// A chunk ends in the middle of a value, as chunks do.
	for rest := customers; rest != ""; {
		part := min(len(rest), 97)
		io.WriteString(w, rest[:part])
		w.(http.Flusher).Flush()
		rest = rest[part:]
	}
}

// stream answers as the generating services do: one event after the other.
func stream(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/event-stream")
	for _, word := range []string{"Sehr", "gern,", "der", "Termin", "steht."} {
		fmt.Fprintf(w, "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":%q}]}}]}\n\n", word)
		w.(http.Flusher).Flush()
	}
}
