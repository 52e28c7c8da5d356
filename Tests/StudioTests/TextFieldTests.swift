import Studio
import Testing

@Suite struct TextFieldTests {
  @Test("typing goes in at the cursor")
  func insertion() {
    var field = TextField("light")
    field.moveToStart()
    field.insert("a ")
    #expect(field.text == "a light")
    #expect(field.cursor == 2)
  }

  @Test("control characters of a paste are dropped")
  func controls() {
    var field = TextField()
    field.insert("a\u{1B}[31m\nb\tc")
    #expect(field.text == "a[31mbc")
  }

  @Test("deleting takes characters, words and everything")
  func deletion() {
    var field = TextField("/photos/anna.jpg")
    field.deleteWord()
    #expect(field.text == "/photos/")
    field.deleteBackward()
    #expect(field.text == "/photos")
    field.moveToStart()
    field.deleteForward()
    #expect(field.text == "photos")
    field.clear()
    #expect(field.text.isEmpty)
    field.deleteBackward()
    field.deleteForward()
    field.deleteWord()
    #expect(field.cursor == 0)
  }

  @Test("the cursor stays inside the text")
  func cursor() {
    var field = TextField("ab")
    field.move(by: 5)
    #expect(field.cursor == 2)
    field.move(by: -9)
    #expect(field.cursor == 0)
    field.moveToEnd()
    #expect(field.cursor == 2)
  }

  @Test("a combining mark joins the character before it and the cursor stays valid")
  func combining() {
    var field = TextField("e")
    field.insert("\u{301}")
    #expect(field.text.count == 1)
    #expect(field.cursor == 1)
  }
}
