package clock

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// cronField is what one of the five fields may hold. The parser alone would accept more than it understands: "*-5", "1,,2"
// and "," are read as something else or as never.
type cronField struct {
	name, values string
	span         int // the largest step that makes a difference
}

var cronFields = [5]cronField{
	{"minute", "0 to 59", 59},
	{"hour", "0 to 23", 23},
	{"day of the month", "1 to 31", 30},
	{"month", "1 to 12 or JAN to DEC", 11},
	{"weekday", "0 to 6 (Sunday is 0) or SUN to SAT", 6},
}

var cronElement = regexp.MustCompile(`^(?:[*?]|\w+(?:-\w+)?)(?:/(\d+))?$`)

var cronNames = map[string]string{
	"@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0",
	"@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
}

// ParseCron reads a cron expression of five fields (minute, hour, day of the month, month, weekday) or one of @hourly,
// @daily, @midnight, @weekly, @monthly, @yearly and @annually, for the wall clock of zone. Names of months and weekdays have
// three letters, in any case. Its errors are one sentence each and say what would be right. An expression that no date ever
// matches is an error; so is one that names a zone itself, and @every, which would count from whenever the program started.
func ParseCron(expr string, zone *time.Location) (Cron, error) {
	if zone == nil {
		return Cron{}, errors.New("a cron expression needs a time zone, such as UTC")
	}
	expr = strings.Join(strings.Fields(expr), " ")
	five, err := cronExpand(strings.ToLower(expr))
	if err != nil {
		return Cron{}, err
	}
	fields := strings.Fields(five)
	if len(fields) != len(cronFields) {
		return Cron{}, fmt.Errorf("%q has %d fields where a cron expression has five: minute, hour, day of the month, month, weekday",
			expr, len(fields))
	}
	for i, f := range fields {
		if err := checkCronField(i, f); err != nil {
			return Cron{}, err
		}
	}
	spec, err := parseSpec(five)
	if err != nil {
		return Cron{}, err
	}
	// 2023 is followed by a leap year, so every date there is comes within the parser's five years.
	if spec.Next(time.Date(2023, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		return Cron{}, fmt.Errorf("%q never fires: no month it names has the day it names", expr)
	}
	every := spec.Hour&allHours == allHours
	stepped := strings.ContainsAny(fields[1], "*?")
	return Cron{expr: expr, zone: zone, spec: spec, gaps: !every, once: !every && !stepped}, nil
}

const allHours = 1<<24 - 1

// cronExpand returns the five fields a name such as @daily stands for, and refuses what is no list of fields.
func cronExpand(expr string) (string, error) {
	switch {
	case expr == "":
		return "", errors.New(`a cron expression is missing: "0 9 * * 1-5" is nine o'clock on working days`)
	case strings.HasPrefix(expr, "tz="), strings.HasPrefix(expr, "cron_tz="):
		return "", fmt.Errorf("%q names a time zone: leave it out of the expression and set the time zone beside it", expr)
	case strings.HasPrefix(expr, "@every"):
		return "", fmt.Errorf(`%q counts from no fixed moment: "*/15 * * * *" is every 15 minutes, "0 */2 * * *" every two hours`, expr)
	case !strings.HasPrefix(expr, "@"):
		return expr, nil
	}
	if five, ok := cronNames[expr]; ok {
		return five, nil
	}
	return "", fmt.Errorf("%q is unknown: the names are @hourly, @daily, @weekly, @monthly and @yearly", expr)
}

func checkCronField(i int, field string) error {
	f := cronFields[i]
	for _, element := range strings.Split(field, ",") {
		parts := cronElement.FindStringSubmatch(element)
		if parts == nil {
			return fmt.Errorf("the %s %q cannot be read: write *, a value, a range such as 1-5, a step such as */2, or a list of them with commas; values are %s",
				f.name, field, f.values)
		}
		if step, err := strconv.Atoi(parts[1]); parts[1] != "" && (err != nil || step < 1 || step > f.span) {
			return fmt.Errorf("the %s %q has a step of %s: steps are 1 to %d", f.name, field, parts[1], f.span)
		}
	}
	alone := []string{"*", "*", "*", "*", "*"}
	alone[i] = field
	_, err := parseSpec(strings.Join(alone, " "))
	switch {
	case err == nil:
		return nil
	case strings.Contains(err.Error(), "beyond end of range"):
		return fmt.Errorf("the %s %q runs backwards: write it as two ranges with a comma; values are %s", f.name, field, f.values)
	}
	return fmt.Errorf("the %s %q is not valid: values are %s", f.name, field, f.values)
}

func parseSpec(five string) (*cron.SpecSchedule, error) {
	parsed, err := cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow).Parse(five)
	if err != nil {
		return nil, fmt.Errorf("reading the cron expression %q: %w", five, err)
	}
	spec, ok := parsed.(*cron.SpecSchedule)
	if !ok {
		return nil, fmt.Errorf("reading the cron expression %q: it is no list of fields", five)
	}
	spec.Location = time.UTC // so that Next computes on wall clocks; see Cron.Next
	return spec, nil
}
