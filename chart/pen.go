package chart

import (
	"image/color"
	"strings"

	"golang.org/x/image/font"
	"gonum.org/v1/plot"
	plotfont "gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// plain and bold are the one typeface there is, in a size and a colour. It comes with the plotting library, so a picture looks the
// same on every machine.
func plain(size vg.Length, c color.Color) text.Style { return style(size, c, font.WeightNormal) }

func bold(size vg.Length, c color.Color) text.Style { return style(size, c, font.WeightBold) }

func style(size vg.Length, c color.Color, weight font.Weight) text.Style {
	face := plotfont.Font{Typeface: "Liberation", Variant: "Sans", Weight: weight}
	return text.Style{Color: c, Font: plotfont.From(face, size), Handler: plot.DefaultTextHandler}
}

// write puts words on a line that begins at a point, and cuts what is wider than wide.
func write(c draw.Canvas, s text.Style, x, y, wide vg.Length, words string) {
	runes := []rune(words)
	for cut := words; len(runes) > 0; cut = string(runes) + "…" {
		if s.Width(cut) <= wide {
			c.FillText(s, vg.Point{X: x, Y: y}, cut)
			return
		}
		runes = runes[:len(runes)-1]
	}
}

// halves breaks words at a space, so that the first line is as full as wide allows.
func halves(s text.Style, wide vg.Length, words string) (first, second string) {
	for at := len(words); at > 0; at = strings.LastIndexByte(words[:at], ' ') {
		if s.Width(words[:at]) <= wide {
			return words[:at], strings.TrimSpace(words[at:])
		}
	}
	return words, ""
}

func line(c draw.Canvas, x0, y0, x1, y1 vg.Length, ink color.Color) {
	c.StrokeLine2(draw.LineStyle{Color: ink, Width: 0.8}, x0, y0, x1, y1)
}

func fill(c draw.Canvas, x, y, wide, high vg.Length, ink color.Color) {
	c.FillPolygon(ink, []vg.Point{{X: x, Y: y}, {X: x + wide, Y: y}, {X: x + wide, Y: y + high}, {X: x, Y: y + high}})
}
