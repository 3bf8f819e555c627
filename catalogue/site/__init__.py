"""What a built site needs from us: stubs, the stylesheet, the theme's corrections, the address list, the zip."""
