// Package chart draws what a few numbers say as one picture for a chat: figures on top, what happened over time below them, and
// what something was made up of at the bottom. It knows nothing of where the numbers come from.
package chart

import (
	"bytes"
	"fmt"
	"image/color"
	"sync"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
)

// Picture is what there is to draw. What does not fit its place is cut.
type Picture struct {
	Title    string
	Subtitle string
	// Figures stand side by side, three in a row.
	Figures []Figure
	// Columns are counts over time.
	Columns Columns
	// Rows are the parts of something, in the order given.
	RowsTitle string
	Rows      []Row
	// NoRows is said where there are none.
	NoRows string
}

// Figure is one number with its name, and a note on what it rests on.
type Figure struct{ Label, Value, Note string }

// Columns are stacked columns, one for each label.
type Columns struct {
	Title  string
	Labels []string // of the columns, from the left; an empty one is not written
	Stacks []Stack
	None   string // said when all counts are zero
}

// Stack is one colour of the columns: a count for each.
type Stack struct {
	Name   string
	Tone   Tone
	Counts []int
}

// Tone is what a colour stands for.
type Tone int

// The tones.
const (
	Good Tone = iota
	Bad
	Other
)

// Row is one bar with its name and its value in words.
type Row struct {
	Label string
	Value float64
	Words string
}

// The picture's size in points; it has twice as many pixels in each direction, so that it is sharp on a phone.
const (
	width      = 480
	margin     = 22
	figureHigh = 84
	columnHigh = 196
	rowHigh    = 24
	dpi        = 144
)

// The colours keep apart in every form of colour blindness, and each is named beside the picture too.
var (
	paper   = color.RGBA{0xff, 0xff, 0xff, 0xff}
	ink     = color.RGBA{0x16, 0x25, 0x2a, 0xff}
	inkSoft = color.RGBA{0x55, 0x67, 0x6d, 0xff}
	rule    = color.RGBA{0xe3, 0xe8, 0xe9, 0xff}
	tones   = map[Tone]color.RGBA{Good: {0x0c, 0x6d, 0x78, 0xff}, Bad: {0xd9, 0x48, 0x3b, 0xff}, Other: {0xa9, 0xb8, 0xbd, 0xff}}
)

// drawing lets one picture be drawn at a time, so that many at once take no more memory than one.
var drawing sync.Mutex

// PNG draws the picture. It takes some tens of milliseconds and some ten megabytes while it draws.
func PNG(p Picture) ([]byte, error) {
	drawing.Lock()
	defer drawing.Unlock()
	figureRows := (len(p.Figures) + 2) / 3
	high := margin*2 + 44 + figureRows*figureHigh + columnHigh + 26 + max(1, len(p.Rows))*rowHigh
	img := vgimg.NewWith(vgimg.UseWH(width, vg.Length(high)), vgimg.UseDPI(dpi), vgimg.UseBackgroundColor(paper))
	c := draw.New(img)
	top := c.Max.Y - margin
	top = p.header(c, top)
	top = p.figures(c, top)
	if err := p.columns(c, top); err != nil {
		return nil, fmt.Errorf("drawing columns: %w", err)
	}
	p.rows(c, top-columnHigh)
	var out bytes.Buffer
	if _, err := (vgimg.PngCanvas{Canvas: img}).WriteTo(&out); err != nil {
		return nil, fmt.Errorf("writing a picture: %w", err)
	}
	return out.Bytes(), nil
}

func (p Picture) header(c draw.Canvas, top vg.Length) vg.Length {
	left, wide := c.Min.X+margin, vg.Length(width-2*margin)
	write(c, bold(19, ink), left, top-17, wide, p.Title)
	write(c, plain(12, inkSoft), left, top-35, wide, p.Subtitle)
	return top - 44
}

func (p Picture) figures(c draw.Canvas, top vg.Length) vg.Length {
	const gap = 14
	wide := vg.Length(width-2*margin-2*gap) / 3
	for i, f := range p.Figures {
		left := c.Min.X + margin + vg.Length(i%3)*(wide+gap)
		from := top - vg.Length(i/3)*figureHigh
		line(c, left, from-10, left+wide, from-10, rule)
		write(c, plain(11, inkSoft), left, from-25, wide, f.Label)
		write(c, bold(17, ink), left, from-45, wide, f.Value)
		first, second := halves(plain(10.5, inkSoft), wide, f.Note)
		write(c, plain(10.5, inkSoft), left, from-60, wide, first)
		write(c, plain(10.5, inkSoft), left, from-73, wide, second)
	}
	return top - vg.Length((len(p.Figures)+2)/3)*figureHigh
}

func (p Picture) rows(c draw.Canvas, top vg.Length) {
	left, wide := c.Min.X+margin, vg.Length(width-2*margin)
	write(c, bold(12.5, ink), left, top-22, wide, p.RowsTitle)
	top -= 32
	if len(p.Rows) == 0 {
		write(c, plain(12, inkSoft), left, top-15, wide, p.NoRows)
		return
	}
	most := 0.0
	for _, r := range p.Rows {
		most = max(most, r.Value)
	}
	const labels, words = 82, 150
	for i, r := range p.Rows {
		y := top - vg.Length(i)*rowHigh - 15
		write(c, plain(12, ink), left, y, labels-6, r.Label)
		long := vg.Length(r.Value/most) * (wide - labels - words)
		fill(c, left+labels, y-3, max(2, long), 13, tones[Good])
		write(c, plain(11, inkSoft), left+labels+max(2, long)+8, y, words-8, r.Words)
	}
}
