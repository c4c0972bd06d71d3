package trace

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A value is plain, or quoted as Go quotes a string. A plain one is printable
// ASCII without space, `"`, `\`, "#" and "=". So no value can be taken for the
// end of a line, a comment or another field, and a backslash is an escape.

// blank is what stands between the fields of a line of a trace.
const blank = " \t"

// quote leaves a plain value as it is and quotes every other as Go does.
func quote(s string) string {
	for _, c := range []byte(s) {
		if c <= ' ' || c >= 0x7f || c == '"' || c == '\\' || c == '#' || c == '=' {
			return strconv.Quote(s)
		}
	}
	return s
}

// excerpt quotes the beginning of foreign text for an error: on one line, and
// at most 40 characters of it.
func excerpt(s string) string {
	n := 0
	for i := range s {
		if n++; n > 40 {
			return strconv.Quote(s[:i]) + "..."
		}
	}
	return strconv.Quote(s)
}

// cutWord takes a line's first word off it.
func cutWord(line string) (word, rest string) {
	line = strings.Trim(line, blank)
	if end := strings.IndexAny(line, blank); end >= 0 {
		return line[:end], strings.TrimLeft(line[end:], blank)
	}
	return line, ""
}

// cutField takes one key=value off the front of text, which begins with it. It
// looks at nothing behind the field, so that a line is read in one pass.
func cutField(text string) (key, value, rest string, err error) {
	word, rest := cutWord(text)
	key, value, ok := strings.Cut(word, "=")
	if !ok {
		return "", "", "", fmt.Errorf("%s is not a field: expected key=value", excerpt(word))
	}
	if !strings.HasPrefix(value, `"`) {
		if quote(value) != value {
			return "", "", "", fmt.Errorf("the value of %s is not plain: expected it in quotes", excerpt(word))
		}
		return key, value, rest, nil
	}
	behind := text[len(key)+1:]
	quoted, err := strconv.QuotedPrefix(behind)
	if err == nil {
		value, err = strconv.Unquote(quoted)
	}
	if err != nil {
		return "", "", "", fmt.Errorf("%s is not well quoted: expected Go's escapes and a closing quote", excerpt(text))
	}
	if rest = behind[len(quoted):]; rest != "" && !strings.Contains(blank, rest[:1]) {
		return "", "", "", fmt.Errorf("%s follows a closing quote: expected a space between", excerpt(rest))
	}
	return key, value, strings.TrimLeft(rest, blank), nil
}

// A form says which keys may stand before a "=", each once.
type form struct {
	keys []string
	must int  // the first of them that must be there
	seen uint // a bit for each key that was met
}

// take notes that key is met.
func (f *form) take(key string) error {
	i := slices.Index(f.keys, key)
	if i < 0 {
		last := len(f.keys) - 1
		return fmt.Errorf("the key %s is unknown: expected %s or %s", excerpt(key), strings.Join(f.keys[:last], ", "), f.keys[last])
	}
	if f.seen>>i&1 != 0 {
		return fmt.Errorf("%q is given twice: expected it once", key)
	}
	f.seen |= 1 << i
	return nil
}

// whole says which key is missing, if one is.
func (f *form) whole() error {
	for i, key := range f.keys[:f.must] {
		if f.seen>>i&1 == 0 {
			return fmt.Errorf("%q is missing: expected %s", key, strings.Join(f.keys[:f.must], " and "))
		}
	}
	return nil
}

// fill calls set for each field of text.
func (f form) fill(text string, set func(key, value string) error) error {
	for text != "" {
		key, value, rest, err := cutField(text)
		if err == nil {
			err = f.take(key)
		}
		if err == nil {
			err = set(key, value)
		}
		if err != nil {
			return err
		}
		text = rest
	}
	return f.whole()
}

// number reads digits: no sign, no blank.
func number(key, value string, least, most int) (int, error) {
	n, err := strconv.ParseUint(value, 10, 63)
	if err != nil || n < uint64(least) || n > uint64(most) {
		return 0, fmt.Errorf("%s=%s: expected a number from %d to %d", key, excerpt(value), least, most)
	}
	return int(n), nil
}
