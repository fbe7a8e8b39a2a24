from .running.rendered import render as render
