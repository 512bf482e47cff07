import{i as o}from"./chunk-CHMO2PZE.js";import{o as t}from"./chunk-MG4J2EZT.js";function p({site:a}){return t("h2",{"data-site":a,children:o("tab_ask")})}export{p as AskPage};
