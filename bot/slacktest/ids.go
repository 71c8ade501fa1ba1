package slacktest

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"time"
)

const idLetters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

// randomID makes an ID that no other run of the server has made, so that an app's memory of one workspace never
// mistakes the next one's for it.
func randomID(prefix string, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = idLetters[rand.IntN(len(idLetters))]
	}
	return prefix + string(b)
}

// newEnvelopeID makes a random UUID, version 4.
func newEnvelopeID() string {
	hi, lo := rand.Uint64(), rand.Uint64()
	return fmt.Sprintf("%08x-%04x-4%03x-%04x-%012x", hi>>32, hi>>16&0xffff, hi&0xfff, 0x8000|lo>>48&0x3fff, lo&0xffffffffffff)
}

// newTriggerID makes an ID of the form of Slack's samples: a number of 13 digits, which grows, the workspace's number, and
// 32 hexadecimal digits.
func (s *Server) newTriggerID() string {
	s.lines.lastTrigger = max(s.lines.lastTrigger+1, 3e12+s.now().UnixMilli()%1e12)
	return fmt.Sprintf("%d.3485157640.%016x%016x", s.lines.lastTrigger, rand.Uint64(), rand.Uint64())
}

// nextTS makes a message's time stamp: the clock's, raised where needed so that each is larger than all before it.
func (s *Server) nextTS() string {
	t := s.now().UnixMicro()
	if t <= s.world.lastTS {
		t = s.world.lastTS + 1
	}
	s.world.lastTS = t
	return formatTS(t)
}

func formatTS(micros int64) string { return fmt.Sprintf("%d.%06d", micros/1e6, micros%1e6) }

var tsPattern = regexp.MustCompile(`^\d{1,12}\.\d{6}$`)

func validTS(ts string) bool { return tsPattern.MatchString(ts) }

// tsBefore compares two time stamps by their value; Slack's have equal length for the next 250 years.
func tsBefore(a, b string) bool {
	if len(a) != len(b) {
		return len(a) < len(b)
	}
	return a < b
}

// readTS reads a time stamp or a number of seconds as a comparable time stamp.
func readTS(text string) (string, bool) {
	if text == "" || text == "0" {
		return "", text != ""
	}
	if validTS(text) {
		return text, true
	}
	seconds, err := strconv.ParseFloat(text, 64)
	if err != nil || seconds < 0 || seconds > 1e12 {
		return "", false
	}
	return formatTS(time.UnixMicro(int64(seconds * 1e6)).UnixMicro()), true
}

// cutTS takes a time stamp apart: its seconds as a number, and the rest.
func cutTS(ts string) (seconds int64, rest string, ok bool) {
	whole, rest, ok := strings.Cut(ts, ".")
	seconds, err := strconv.ParseInt(whole, 10, 64)
	return seconds, rest, ok && err == nil
}
