package transport

import (
	"bytes"
	"cmp"
	"encoding/json"
	"html"
	"regexp"
	"strings"
)

// Said is what the body of an answer in error says in words: the message of a JSON object, as API gateways, sign-ons and
// services have it, or the title of a page of HTML. It is empty when the body is neither. The words are those of a
// stranger: whoever shows them redacts, escapes and cuts them.
func Said(body []byte) string {
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\ufeff")))
	var value any
	if json.Unmarshal(body, &value) == nil {
		return saidIn(value, 3)
	}
	if bytes.HasPrefix(body, []byte("<")) {
		return titleOf(body)
	}
	return ""
}

// said is what the body of an answer says in words, or else the body as it is.
func said(body []byte) string { return cmp.Or(Said(body), strings.TrimSpace(string(body))) }

// saidIn finds the words of an object, or of the first of several. Depth bounds how far it looks.
func saidIn(value any, depth int) string {
	switch value := value.(type) {
	case map[string]any:
		if depth > 0 {
			return saidInObject(value, depth)
		}
	case []any:
		if len(value) > 0 && depth > 0 {
			return saidIn(value[0], depth-1)
		}
	}
	return ""
}

// The members that say what is wrong, in the order in which they count, and those that say more of it: Rancher, Anchore,
// AWS, Kong and many others have a message; Google an error with a message in it; RFC 7807 (Connexion) a title and a
// detail; OAuth (RFC 6749) an error and its description.
var (
	whatIsWrong = []string{"message", "Message", "title", "error", "errors", "msg"}
	whatMore    = []string{"detail", "error_description"}
)

func saidInObject(object map[string]any, depth int) string {
	var parts []string
	for _, key := range whatIsWrong {
		words, ok := object[key].(string)
		if !ok {
			words = saidIn(object[key], depth-1)
		}
		if words = strings.TrimSpace(words); words != "" {
			parts = append(parts, words)
			break
		}
	}
	for _, key := range whatMore {
		if words := detail(object[key]); words != "" {
			parts = append(parts, words)
		}
	}
	return strings.Join(parts, ": ")
}

// detail is a sentence with Connexion, an object or a list with Anchore.
func detail(value any) string {
	switch value := value.(type) {
	case string:
		return value
	case map[string]any:
		if len(value) == 0 {
			return ""
		}
	case []any:
		if len(value) == 0 {
			return ""
		}
	case nil:
		return ""
	}
	text, err := json.Marshal(value)
	if err != nil {
		return ""
	}
	return string(text)
}

// titles find what a gateway's or a sign-on's page calls itself, the surest first. They
// are compiled when there is such a page, for which few runs have a use.
func titles() []*regexp.Regexp {
	return []*regexp.Regexp{
		regexp.MustCompile(`(?is)<title[^>]*>(.*?)</title>`),
		regexp.MustCompile(`(?is)<h1[^>]*>(.*?)</h1>`),
		regexp.MustCompile(`(?is)<message[^>]*>(.*?)</message>`), // of the XML of object stores
	}
}

func titleOf(page []byte) string {
	tag := regexp.MustCompile(`(?s)<[^>]*>`)
	for _, title := range titles() {
		if found := title.FindSubmatch(page); found != nil {
			words := html.UnescapeString(string(tag.ReplaceAll(found[1], nil)))
			if words = strings.Join(strings.Fields(words), " "); words != "" {
				return words
			}
		}
	}
	return ""
}
